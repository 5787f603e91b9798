// Runs every gate, check:* of package.json, and says which do not hold. Not by npm: to start that anew
// for each costs as much as a small gate.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
const failed = Object.keys(scripts).filter((name) => name.startsWith('check:') && !holds(name));
if (failed.length > 0) {
  process.stderr.write(`These gates do not hold: ${failed.join(', ')}.\n`);
  process.exitCode = 1;
}

/** The program of a gate is found as `npm run check` has it found: its PATH is handed on. */
function holds(name) {
  return spawnSync(scripts[name], { stdio: 'inherit', shell: true }).status === 0;
}
