// @nestjs/throttler is CommonJS and requires @nestjs/common, which is not: Node can, but Jest only
// from Node 24.9 on. Jest maps the package to this file, which hands it the loaded modules.
import { createRequire } from 'node:module';

import { jest } from '@jest/globals';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import type * as throttler from '@nestjs/throttler';

jest.mock('@nestjs/common', () => common);
jest.mock('@nestjs/core', () => core);

const require = createRequire(import.meta.url);
export const {
  getOptionsToken,
  getStorageToken,
  InjectThrottlerOptions,
  InjectThrottlerStorage,
  SkipThrottle,
  Throttle,
  ThrottlerException,
  ThrottlerGuard,
  ThrottlerModule,
  ThrottlerStorage,
  ThrottlerStorageService,
} = require('../../../node_modules/@nestjs/throttler/dist/index.js') as typeof throttler;
