import type { ASTNode } from '@marcbachmann/cel-js'
import type { DeclType } from './declared-types'

/** What one rule may cost, times how often it may be asked. Upstream: apiextensions/validation StaticEstimatedCostLimit, StaticEstimatedCRDCostLimit */
export const RULE_LIMIT = 10_000_000
export const SCHEMA_LIMIT = 100_000_000
const MAX_REQUEST = 3 * 1024 * 1024
const MAX_COST = 2 ** 64

interface Estimate {
  readonly cost: number
  /** Most elements of the value, when it is known where it comes from. */
  readonly size: number
  readonly type?: DeclType | undefined
}

/** How often a rule may be evaluated when lists above it have no bound. Upstream: cel.MaxCardinality */
export function unboundedCardinality(minSize: number): number {
  return Math.floor(MAX_REQUEST / (minSize + 1))
}

/** The most that an expression can cost, in cel-go's units: reads 1, calls by the length of what they look at, loops by the size of their range. Upstream: cel-go checker/cost.go, apiserver/pkg/cel/library/cost.go */
export function costOf(ast: ASTNode, self: DeclType): number {
  return Math.min(MAX_COST, estimate(ast, new Map([['self', self], ['oldSelf', self]])).cost)
}

type Scope = ReadonlyMap<string, DeclType | undefined>

const sized = (cost: number, type: DeclType | undefined): Estimate => ({ cost, type, size: type === undefined ? 1 : type.maxElements })
const loops = new Set(['all', 'exists', 'exists_one', 'existsOne', 'map', 'filter'])
const scans = new Set(['startsWith', 'endsWith', 'lowerAscii', 'upperAscii', 'trim', 'replace', 'split', 'join', 'substring', 'indexOf', 'lastIndexOf', 'charAt', 'quantity', 'isQuantity', 'url', 'isURL', 'ip', 'isIP', 'cidr', 'isCIDR', 'validate'])

function estimate(node: ASTNode, scope: Scope): Estimate {
  switch (node.op) {
    case 'value': return { cost: 0, size: typeof node.args === 'string' ? node.args.length : 1 }
    case 'id': return sized(1, scope.get(node.args))
    case '.': case '.?': {
      const of = estimate(node.args[0], scope)
      const own = of.type?.fields.get(node.args[1])?.type ?? (of.type?.kind === 'map' ? of.type.elem : undefined)
      return sized(of.cost + 1, own)
    }
    case '[]': case '[?]': {
      const [of, at] = [estimate(node.args[0], scope), estimate(node.args[1], scope)]
      return sized(of.cost + at.cost + 1, of.type?.elem)
    }
    case 'call': return callCost(node.args[0], undefined, node.args[1], scope)
    case 'rcall': return callCost(node.args[0], node.args[1], node.args[2], scope)
    case 'list': {
      let cost = 10
      for (const item of node.args) cost += estimate(item, scope).cost
      return { cost, size: node.args.length }
    }
    case 'map': {
      let cost = 30
      for (const [k, v] of node.args) cost += estimate(k, scope).cost + estimate(v, scope).cost
      return { cost, size: node.args.length }
    }
    case '?:': {
      const [c, a, b] = node.args.map((n) => estimate(n, scope)) as [Estimate, Estimate, Estimate]
      return { cost: c.cost + Math.max(a.cost, b.cost), size: Math.max(a.size, b.size), type: a.type }
    }
    case '||': case '&&': return { cost: estimate(node.args[0], scope).cost + estimate(node.args[1], scope).cost, size: 1 }
    case '!_': case '-_': return { cost: estimate(node.args, scope).cost + 1, size: 1 }
    default: return binaryCost(node.op, node.args as unknown as readonly [ASTNode, ASTNode], scope)
  }
}

function binaryCost(op: string, [left, right]: readonly [ASTNode, ASTNode], scope: Scope): Estimate {
  const [a, b] = [estimate(left, scope), estimate(right, scope)]
  const both = a.cost + b.cost
  switch (op) {
    case 'in': return { cost: both + (b.type?.kind === 'map' ? 1 : Math.max(1, b.size)), size: 1 }
    case '+': {
      const size = a.size + b.size
      return { cost: both + (size > 2 ? Math.ceil(size * 0.1) : 1), size }
    }
    // Texts and lists are compared as far as the shorter one goes.
    default: return { cost: both + Math.max(1, Math.ceil(Math.min(a.size, b.size) * 0.1)), size: 1 }
  }
}

function callCost(name: string, receiver: ASTNode | undefined, args: readonly ASTNode[], scope: Scope): Estimate {
  if (name === 'has') return { cost: estimate(args[0] as ASTNode, scope).cost, size: 1 }
  const of = receiver && estimate(receiver, scope)
  if (of !== undefined && loops.has(name) && args[0]?.op === 'id') return loopCost(name, of, args[0].args, args.slice(1), scope)
  const given = args.map((a) => estimate(a, scope))
  const before = (of?.cost ?? 0) + given.reduce((sum, g) => sum + g.cost, 0)
  const text = of ?? given[0]
  const size = text?.size ?? 1
  switch (name) {
    case 'matches': case 'find': case 'findAll': {
      const pattern = (of === undefined ? given[1] : given[0])?.size ?? 1
      return { cost: before + Math.ceil((size + 1) * 0.1) * Math.max(1, Math.ceil(pattern * 0.25)), size }
    }
    case 'contains': return { cost: before + Math.ceil(size * 0.1) * Math.max(1, Math.ceil((given[0]?.size ?? 1) * 0.1)), size: 1 }
    case 'isSorted': case 'sum': case 'max': case 'min': case 'equivalent': case 'intersects': return { cost: before + Math.max(1, size), size: 1 }
    default: return { cost: before + (scans.has(name) ? Math.max(1, Math.ceil(size * 0.1)) : 1), size: scans.has(name) ? size : 1 }
  }
}

function loopCost(name: string, range: Estimate, variable: string, bodies: readonly ASTNode[], scope: Scope): Estimate {
  const { type } = range
  const inner = new Map(scope).set(variable, type?.kind === 'map' ? undefined : type?.elem)
  const body = bodies.reduce((sum, b) => sum + estimate(b, inner).cost, 0)
  // The accumulator's own steps in each round, as the macros expand.
  const round = name === 'map' ? 12 : name === 'filter' ? 13 : name === 'all' ? 3 : name === 'exists' ? 4 : 2
  return { cost: range.cost + (body + round) * Math.max(1, range.size) + 1, size: range.size }
}

/** How a cost that is over a limit is told. Upstream: getCostErrorMessage */
export function costText(what: string, cost: number, limit: number): string {
  const factor = cost / limit
  const shown = factor > 100 ? 'more than 100x' : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`
  return `${what} exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`
}
