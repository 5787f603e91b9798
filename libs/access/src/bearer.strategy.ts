import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';

import { DomainError } from '@tenantry/kernel';
import { TokenInvalid } from './access.errors.js';
import { type Trust, type VerifiedToken, verifyToken } from './verify-token.js';

const NAME = 'tenantry-bearer';

/** What the strategy finds on a request: how to trust the token that it carries. */
export interface BearerRequest {
  trustOf?: (token: string) => Promise<Trust>;
  user?: VerifiedToken;
}

type Done<Result> = (error: unknown, result?: Result) => void;

/** What stands in the place of a key: the whole verification of one token. */
type Verification = () => Promise<VerifiedToken>;

/** `passport-jwt` with the verifier replaced: `jsonwebtoken` knows no EdDSA, and one set of rules only. */
interface JwtVerifier {
  JwtVerifier: (
    token: string,
    verification: Verification,
    options: unknown,
    done: Done<VerifiedToken>,
  ) => void;
}

(Strategy as unknown as JwtVerifier).JwtVerifier = (_, verification, __, done) => {
  verification().then((verified) => {
    done(null, verified);
  }, done);
};

/**
 * Verifies bearer tokens: the provider finds issuer and key, the verifier holds the token to
 * that issuer's rules. Stateless: everything it needs comes with the request.
 */
@Injectable()
export class BearerStrategy extends PassportStrategy(Strategy, NAME) {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: (request: BearerRequest, token: string, done: Done<never>) => {
        const trusted = request.trustOf?.(token) ?? Promise.reject(new TokenInvalid('malformed'));
        trusted.then((trust) => {
          const verification: Verification = () => verifyToken(token, trust);
          done(null, verification as never);
        }, done);
      },
    });
  }

  /** Passport's last word on a token that holds; there is nothing left to check. */
  validate(verified: VerifiedToken): VerifiedToken {
    return verified;
  }
}

/** Runs the strategy for one request, and tells refusals in our own words. */
@Injectable()
export class BearerGuard extends AuthGuard(NAME) {
  override handleRequest<User>(error: unknown, user: User, info: unknown): User {
    if (user) return user;
    const reason = error ?? info;
    throw reason instanceof DomainError ? reason : new TokenInvalid('malformed', { cause: reason });
  }

  async verify(
    context: ExecutionContext,
    trustOf: (token: string) => Promise<Trust>,
  ): Promise<VerifiedToken> {
    const request = context.switchToHttp().getRequest<BearerRequest>();
    request.trustOf = trustOf;
    await this.canActivate(context);
    if (!request.user) throw new TokenInvalid('malformed');
    return request.user;
  }
}
