import { Controller, Get } from '@nestjs/common';

import { Public } from '@tenantry/access';

/** Has a route of which nobody said who may call it. */
@Controller('v1/careless')
export class CarelessController {
  @Get('declared')
  @Public()
  declared(): string {
    return 'open on purpose';
  }

  @Get('forgotten')
  forgotten(): string {
    return 'open by mistake';
  }
}
