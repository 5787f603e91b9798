import { ApiParam } from '@nestjs/swagger';

/** Documents the sink in a path. */
export const ApiSink = (): MethodDecorator & ClassDecorator =>
  ApiParam({
    name: 'sink',
    description: 'Id of the sink.',
    example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  });

export const NOT_FOUND = { 404: ['audit.sink_not_found'] };
