// What the environment decides. Reads nothing but the variables it is given.
export * from './app-config.js';
export { readConfig, SettingInvalid } from './read-config.js';
