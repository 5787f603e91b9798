import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse } from '@nestjs/swagger';

import { ProblemDto } from './problem.dto.js';
import { problemResponse, type RefusalCodes } from './problem-response.js';

/** Documents how a route refuses: `@ApiRefusals({ 404: ['issuers.not_found'] })`. */
export function ApiRefusals(codes: RefusalCodes): MethodDecorator & ClassDecorator {
  const responses = Object.entries(codes).map(([status, ofStatus]) =>
    ApiResponse({ status: Number(status), ...problemResponse(Number(status), ofStatus) }),
  );
  return applyDecorators(ApiExtraModels(ProblemDto), ...responses);
}
