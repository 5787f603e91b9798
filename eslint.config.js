import comments from '@eslint-community/eslint-plugin-eslint-comments/configs';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const NO_DEFAULT_EXPORT = {
  selector: 'ExportDefaultDeclaration',
  message: 'Export by name, so that one thing has one name everywhere.',
};

const ADMIT = {
  selector:
    "CallExpression[callee.object.name=/^(TenantScope|PlatformScope)$/][callee.property.name='admit']",
  message: 'Only @tenantry/access admits a caller to a tenant. Take the scope from the actor.',
};

const ACROSS_TENANTS = {
  selector: 'MemberExpression[property.name=/^(acrossTenants|queryAcrossTenants)$/]',
  message:
    'The door across tenants is open to the libs whose registries are read before a tenant is known, or over all of them.',
};

const UNAWAITED = {
  selector:
    'ExpressionStatement > CallExpression[callee.object.property.name=/^(rejects|resolves)$/]',
  message: 'Await it, or it cannot fail.',
};

const ENVIRONMENT = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Only @tenantry/config reads the environment. Inject AppConfig.',
};

export default defineConfig(
  globalIgnores([
    'dist',
    'coverage',
    'libs/database/src/generated',
    '**/*.data.ts',
    'libs/client/{dist,src/generated}',
    'libs/verify-audit/{bin,dist}',
    '*.config.*',
    '.dependency-cruiser.js',
    'scripts',
    'libs/testing/src/**/*.js',
    'test/bench/**/*.js',
  ]),
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  comments.recommended,
  {
    languageOptions: { parserOptions: { project: './tsconfig.build.json' } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      // Half of the time of all rules together, for what the house has none of.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Nest modules are classes that carry nothing but a decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'typeLike', format: ['PascalCase'] },
        {
          selector: 'interface',
          format: ['PascalCase'],
          custom: { regex: '^I[A-Z]', match: false },
        },
      ],
      '@eslint-community/eslint-comments/require-description': 'error',
      complexity: ['warn', 8],
      'max-depth': ['warn', 2],
      'max-lines': ['warn', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['warn', { max: 40, skipBlankLines: true, skipComments: true }],
      'max-params': ['warn', 4],
      'no-console': 'error',
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, ADMIT, ACROSS_TENANTS, ENVIRONMENT],
    },
  },
  {
    // The libs whose registries are read before a tenant is known, or over all of them.
    files: [
      'libs/{audit,usage,quotas,tenants,issuers,members,signin,secrets}/**',
      'libs/http/src/idempotency/**',
    ],
    rules: { 'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, ADMIT, ENVIRONMENT] },
  },
  {
    files: ['libs/{access,database}/**'],
    rules: { 'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, ENVIRONMENT] },
  },
  {
    files: [
      'libs/config/**',
      'libs/testing/**',
      'test/**',
      '**/*spec.ts',
      'apps/control-plane/src/main.ts',
    ],
    rules: { 'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT] },
  },
  {
    files: ['**/*spec.ts', 'test/**', 'libs/testing/**'],
    rules: {
      'max-lines-per-function': 'off',
    },
  },
  { files: ['test/bench/**'], rules: { 'no-console': 'off' } },
  {
    // tsc has checked these once; to do so again, for rules that look at types, is half of the lint.
    files: ['**/*spec.ts', '**/fixtures/**', 'test/**', 'libs/testing/**', 'libs/client/**'],
    ...tseslint.configs.disableTypeChecked,
  },
  {
    // What the types would have told: an expectation that nobody waits for cannot fail.
    files: ['**/*spec.ts', 'test/**'],
    rules: {
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, UNAWAITED],
      // Without types it does not know what decorators keep; tsc does.
      '@typescript-eslint/consistent-type-imports': 'off',
    },
  },
);
