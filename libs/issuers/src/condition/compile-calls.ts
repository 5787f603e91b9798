import { type ASTNode } from '@marcbachmann/cel-js';
import { ConditionInvalid } from './condition-invalid.js';
import { type ConditionFunction, FUNCTIONS, METHODS, textOf } from './functions.js';
import { LinearPattern, PatternRefused } from './linear-matches.js';
import { MACROS, type Macro } from './macros.js';
import { type Program, type Scope } from './program.js';
import { EvaluationFailed, isMap, typeOf } from './values.js';

type Call = Extract<ASTNode, { readonly op: 'call' }>;
type Method = Extract<ASTNode, { readonly op: 'rcall' }>;
type Compile = (node: ASTNode, scope: Scope) => Program;

export function compileCall(node: Call, scope: Scope, compile: Compile): Program {
  const [name, args] = node.args;
  if (name === 'has') return presence(node, scope, compile);

  const called = callable(node, FUNCTIONS.get(name), args.length);
  return application(called, compileAll(args, scope, compile));
}

export function compileMethod(node: Method, scope: Scope, compile: Compile): Program {
  const [name, receiver, args] = node.args;
  if (name === 'matches') return matching(node, scope, compile);

  const macro = MACROS.get(name);
  if (macro !== undefined) return loop(node, macro, scope, compile);

  const called = callable(node, METHODS.get(name), args.length + 1);
  return application(called, compileAll([receiver, ...args], scope, compile));
}

function compileAll(nodes: readonly ASTNode[], scope: Scope, compile: Compile): Program[] {
  return nodes.map((node) => compile(node, scope));
}

function callable(
  node: Call | Method,
  called: ConditionFunction | undefined,
  args: number,
): ConditionFunction {
  if (called === undefined) {
    throw ConditionInvalid.at(node, `The function ${node.args[0]} is not available in a condition`);
  }
  if (called.arity !== args) throw wrongArguments(node);

  return called;
}

function application(called: ConditionFunction, args: readonly Program[]): Program {
  return (run) =>
    called.apply(
      args.map((arg) => arg(run)),
      run.meter,
    );
}

function wrongArguments(node: Call | Method): Error {
  return ConditionInvalid.at(node, `${node.args[0]}() has the wrong number of arguments`);
}

/** `has(claims.a)`: whether the last field is there; what stands before it must be a map. */
function presence(node: Call, scope: Scope, compile: Compile): Program {
  const [field, ...others] = node.args[1];
  if (field?.op !== '.' || others.length > 0) {
    throw ConditionInvalid.at(node, 'has() asks for one field, like has(claims.hd)');
  }

  const container = compile(field.args[0], scope);
  const key = field.args[1];
  return (run) => {
    const map = container(run);
    if (isMap(map)) return map.has(key);

    throw new EvaluationFailed(`${typeOf(map)} has no fields`);
  };
}

/** A pattern from a claim would be the token's, not the registration's: only literals are patterns. */
function matching(node: Method, scope: Scope, compile: Compile): Program {
  const [, receiver, [pattern, ...others]] = node.args;
  if (pattern === undefined || others.length > 0) throw wrongArguments(node);
  if (pattern.op !== 'value' || typeof pattern.args !== 'string') {
    throw ConditionInvalid.at(pattern, 'The pattern of matches() must be a literal string');
  }

  const linear = linearPattern(pattern, pattern.args);
  const text = compile(receiver, scope);
  return (run) => linear.foundIn(textOf(text(run)), run.meter);
}

function linearPattern(node: ASTNode, pattern: string): LinearPattern {
  try {
    return LinearPattern.compile(pattern);
  } catch (cause) {
    if (!(cause instanceof PatternRefused)) throw cause;
    throw ConditionInvalid.at(node, `The pattern cannot be used: ${cause.message}`, { cause });
  }
}

function loop(node: Method, macro: Macro, scope: Scope, compile: Compile): Program {
  const [, receiver, [name, first, ...rest]] = node.args;
  if (first === undefined || !macro.bodies.includes(rest.length + 1)) throw wrongArguments(node);
  if (name?.op !== 'id') throw ConditionInvalid.at(node, 'A loop variable must be a plain name');

  const inner = scope.with(name.args, name);
  return macro.compile({
    range: compile(receiver, scope),
    slot: scope.size,
    bodies: [compile(first, inner), ...compileAll(rest, inner, compile)],
  });
}
