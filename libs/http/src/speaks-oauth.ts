import type { FastifyRequest } from 'fastify';

/** Whether a request is for the endpoints whose words RFC 6749 fixes. */
export function speaksOAuth({ routeOptions, url }: FastifyRequest): boolean {
  // The route that matched, where one did: the URL may be written in many ways (`/%6fauth/token`).
  return (routeOptions.url ?? url).startsWith('/oauth/');
}
