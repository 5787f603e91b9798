import type { Patience } from './patience.js';
import { isRecord, TenantryError } from './tenantry-error.js';

export interface Grant {
  readonly accessToken: string;
  /** Missing where the grant gives none. */
  readonly refreshToken?: string;
  /** In milliseconds. */
  readonly lifetime: number;
}

/** `POST /oauth/token` (RFC 6749), which speaks forms. */
export class TokenEndpoint {
  constructor(
    private readonly baseUrl: string,
    private readonly patience: Patience,
  ) {}

  async ask(
    form: Readonly<Record<string, string>>,
    { isRepeatable }: { readonly isRepeatable: boolean },
  ): Promise<Grant> {
    const request = new Request(`${this.baseUrl}/oauth/token`, {
      method: 'POST',
      headers: { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
      credentials: 'omit',
      // A secret follows nobody elsewhere.
      redirect: 'error',
    });
    const response = await this.patience.send(request, isRepeatable);
    const body = await bodyOf(response);
    const grant = response.ok ? grantIn(body) : null;
    if (!grant) throw new TenantryError(response, response.ok ? null : body);
    return grant;
  }
}

// The words of a parser's error would repeat part of the body.
async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

function grantIn(body: unknown): Grant | null {
  if (!isRecord(body)) return null;
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = body;
  if (typeof accessToken !== 'string' || typeof seconds !== 'number') return null;
  return {
    accessToken,
    ...(typeof refreshToken === 'string' && { refreshToken }),
    lifetime: seconds * 1000,
  };
}
