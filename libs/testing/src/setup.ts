// Before every spec file: what the application's main.ts imports first, too.
import 'reflect-metadata';
