// What the environment decides. Reads nothing but the variables it is given.
export * from './app-config.js';
export { forgetSecrets } from './forget-secrets.js';
export { readConfig, SettingInvalid } from './read-config.js';
