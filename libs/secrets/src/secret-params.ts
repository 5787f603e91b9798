import { Injectable, type PipeTransform } from '@nestjs/common';

import { RequestInvalid } from '@tenantry/http';
import { isSecretName } from './secret-name.js';
import { SecretVersionNotFound } from './secrets.errors.js';
import { versionNumberOf } from './secret-version-number.js';

/** The name in a path. Throws `RequestInvalid` for what no secret can be called. */
@Injectable()
export class SecretName implements PipeTransform<string, string> {
  transform(name: string): string {
    if (isSecretName(name)) return name;
    throw new RequestInvalid([
      {
        pointer: '/name',
        message:
          'must be 1 to 128 letters, digits, dots, dashes and underscores, begin with a letter or digit, and hold no two dots in a row',
      },
    ]);
  }
}

/** The version in a path. Throws `SecretVersionNotFound` for what is no number of a version. */
@Injectable()
export class VersionNumber implements PipeTransform<string, number> {
  transform(text: string): number {
    const version = versionNumberOf(text);
    if (version === null) throw new SecretVersionNotFound();
    return version;
  }
}
