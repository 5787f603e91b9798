import { ApiHeader } from '@nestjs/swagger';

/** Documents a header of the route on whose parameter it stands. */
export function documentHeader(options: Parameters<typeof ApiHeader>[0]): ParameterDecorator {
  const document = ApiHeader(options);
  return (target, name) => {
    const method = name === undefined ? undefined : Object.getOwnPropertyDescriptor(target, name);
    if (name !== undefined && method !== undefined) document(target, name, method);
  };
}
