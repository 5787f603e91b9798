import { type ASTNode } from '@marcbachmann/cel-js';
import { compileCall, compileMethod } from './compile-calls.js';
import { ConditionInvalid } from './condition-invalid.js';
import { OPERATORS, booleanOf, checkedInt, negated, select } from './operators.js';
import { type Program, type Scope, attempt } from './program.js';
import { type Value } from './values.js';

/**
 * Turns the tree that cel-js parsed into a program of ours.
 *
 * cel-js evaluates without any bound and matches with JavaScript's backtracking RegExp, and neither
 * can be replaced there. Here each step is paid for, and what is not listed does not exist.
 */
export function compile(node: ASTNode, outer: Scope): Program {
  const program = compileLeaf(node, outer.below(node));

  return (run) => {
    run.meter.charge(1);
    return run.observer === null ? program(run) : run.observer.observe(node, () => program(run));
  };
}

function compileLeaf(node: ASTNode, scope: Scope): Program {
  switch (node.op) {
    case 'value':
      return constant(literal(node, node.args));
    case 'id':
      return variable(node, node.args, scope);
    case 'list':
      return list(node.args.map((element) => compile(element, scope)));
    case '.':
      return access(compile(node.args[0], scope), constant(node.args[1]));
    case '[]':
      return access(compile(node.args[0], scope), compile(node.args[1], scope));
    case 'map':
      throw ConditionInvalid.at(node, 'A condition cannot build maps');
    default:
      return compileOperation(node, scope);
  }
}

function compileOperation(node: ASTNode, scope: Scope): Program {
  switch (node.op) {
    case 'call':
      return compileCall(node, scope, compile);
    case 'rcall':
      return compileMethod(node, scope, compile);
    case '&&':
    case '||':
      return junction(node.op === '||', compile(node.args[0], scope), compile(node.args[1], scope));
    case '?:':
      return choice(node.args, scope);
    case '!_':
      return negation(compile(node.args, scope));
    default:
      return compileArithmetic(node, scope);
  }
}

function compileArithmetic(node: ASTNode, scope: Scope): Program {
  if (node.op === '-_') {
    const operand = compile(node.args, scope);
    return (run) => negated(operand(run));
  }

  const operator = OPERATORS.get(node.op);
  const [left, right] = Array.isArray(node.args) ? node.args : [];
  if (operator === undefined || !isNode(left) || !isNode(right)) {
    throw ConditionInvalid.at(node, `The operator ${node.op} is not available in a condition`);
  }

  const first = compile(left, scope);
  const second = compile(right, scope);
  return (run) => operator(first(run), second(run), run.meter);
}

function isNode(argument: unknown): argument is ASTNode {
  return typeof argument === 'object' && argument !== null && 'op' in argument;
}

function constant(value: Value): Program {
  return () => value;
}

function literal(node: ASTNode, value: unknown): Value {
  if (typeof value === 'bigint') return literalInt(node, value);
  if (value === null || typeof value === 'number') return value;
  if (typeof value === 'string' || typeof value === 'boolean') return value;

  throw ConditionInvalid.at(node, 'Bytes and unsigned integers are not available in a condition');
}

function literalInt(node: ASTNode, value: bigint): bigint {
  try {
    return checkedInt(value);
  } catch (cause) {
    throw ConditionInvalid.at(node, 'The number does not fit an int of 64 bits', { cause });
  }
}

function variable(node: ASTNode, name: string, scope: Scope): Program {
  const slot = scope.slotOf(name);
  if (slot < 0) {
    throw ConditionInvalid.at(node, `Unknown name ${name}: a condition knows only claims`);
  }
  return (run) => run.slots[slot] ?? null;
}

function list(elements: readonly Program[]): Program {
  return (run) => elements.map((element) => element(run));
}

function access(container: Program, key: Program): Program {
  return (run) => select(container(run), key(run));
}

function negation(operand: Program): Program {
  return (run) => !booleanOf(operand(run));
}

function choice([condition, yes, no]: readonly [ASTNode, ASTNode, ASTNode], scope: Scope): Program {
  const decides = compile(condition, scope);
  const whenTrue = compile(yes, scope);
  const whenFalse = compile(no, scope);

  return (run) => (booleanOf(decides(run)) ? whenTrue(run) : whenFalse(run));
}

/** `||` is decided by a true on either side, `&&` by a false, even where the other side fails. */
function junction(decisive: boolean, left: Program, right: Program): Program {
  return (run) => {
    const first = attempt(left, run);
    if (first === decisive) return decisive;

    const second = booleanOf(right(run));
    if (second === decisive || typeof first === 'boolean') return second;
    throw first;
  };
}
