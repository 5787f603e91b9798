import { describe, expect, it } from '@jest/globals';

import { SettingInvalid } from '@tenantry/config';
import { SealBroken } from '@tenantry/crypto';
import { DatabaseUnavailable } from '@tenantry/database';
import { explain, StepFailed } from './start-failure.js';

const CONFIG = { host: 'api.internal', metricsHost: 'metrics.internal', metricsPort: 9_464 };

/** An error of Node or of PostgreSQL, whose message may hold anything. */
function failure(details: Readonly<Record<string, unknown>>): Error {
  return Object.assign(new Error('connect to postgresql://tenantry:hunter2@db failed'), details);
}

describe('explain', () => {
  it.each([
    ['PORT: another program listens on that port.', { code: 'EADDRINUSE', port: 3_000 }],
    ['METRICS_PORT: another program listens on that port.', { code: 'EADDRINUSE', port: 9_464 }],
    ['PORT: that port needs more rights.', { code: 'EACCES', port: 80 }],
    ['HOST: this machine does not have that address.', { code: 'EADDRNOTAVAIL', port: 3_000 }],
    [
      'METRICS_HOST: this machine does not have that address.',
      { code: 'EADDRNOTAVAIL', port: 9_464 },
    ],
  ])('says %j where a port cannot be listened on', (line, details) => {
    expect(explain(failure({ syscall: 'listen', ...details }), CONFIG)).toBe(line);
  });

  it.each([
    ['HOST: there is no such address.', 'api.internal'],
    ['METRICS_HOST: there is no such address.', 'metrics.internal'],
    ['DATABASE_URL: the server cannot be reached (ENOTFOUND).', 'db.internal'],
  ])('says %j where the name does not resolve', (line, hostname) => {
    const error = failure({ code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname });

    expect(explain(error, CONFIG)).toBe(line);
  });

  it.each([
    ['DATABASE_URL: the password is wrong.', '28P01'],
    ['DATABASE_URL: the login may not connect.', '28000'],
    ['DATABASE_URL: there is no such database.', '3D000'],
    ['DATABASE_URL: the server cannot be reached (ECONNREFUSED).', 'ECONNREFUSED'],
    ['DATABASE_URL: the server cannot be reached (57P03).', '57P03'],
  ])('says %j where the database refuses', (line, code) => {
    const wrapped = new DatabaseUnavailable({ cause: failure({ code }) });

    expect(explain(failure({ code }), CONFIG)).toBe(line);
    expect(explain(wrapped, CONFIG)).toBe(line);
  });

  it('names the setting by which the failed step reached the database', () => {
    const step = new StepFailed('DATABASE_MIGRATION_URL', failure({ code: '28P01' }));

    expect(explain(step, CONFIG)).toBe('DATABASE_MIGRATION_URL: the password is wrong.');
  });

  it('passes on what was said for the operator already, from beneath a step too', () => {
    const invalid = new SettingInvalid('PORT must be a port number');

    expect(explain(invalid, undefined)).toBe('PORT must be a port number');
    expect(explain(new StepFailed('DATABASE_URL', invalid), CONFIG)).toBe(invalid.message);
  });

  it('names the master key where what is sealed does not open', () => {
    expect(explain(new SealBroken(), CONFIG)).toBe(
      'TENANTRY_MASTER_KEY: this database was sealed with another key. Set that one.',
    );
  });

  it.each([new TypeError('x is not a function'), 'a text', undefined])(
    'has no line for what no setting explains',
    (error) => {
      expect(explain(error, CONFIG)).toBeNull();
    },
  );
});
