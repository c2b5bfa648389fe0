import { describe, expect, it } from 'vitest'
import { baseEnvironment, compile } from '.'

class Spec {}

function env() {
  return baseEnvironment().clone()
    .registerType('self.Spec', { ctor: Spec, fields: { name: 'string', replicas: 'int', items: 'list<string>', any: 'dyn', created: 'google.protobuf.Timestamp' } } as never)
    .registerVariable('self', 'self.Spec')
}

/** Compiles against a spec; answers the error or the type. */
const check = (source: string): string => {
  const made = compile(env(), source, new Map([['self.Spec', new Set(['name', 'replicas', 'items', 'any', 'created'])]]))
  return made.error ?? made.program.type
}

describe('expressions', () => {
  it('that do not compile are refused in the words of cel-go', () => {
    expect(check('self.foo > 1')).toBe("ERROR: <input>:1:5: undefined field 'foo'\n | self.foo > 1\n | ....^")
    expect(check('has(self.foo)')).toBe("ERROR: <input>:1:4: undefined field 'foo'\n | has(self.foo)\n | ...^")
    expect(check('self.name > 1')).toBe("ERROR: <input>:1:11: found no matching overload for '_>_' applied to '(string, int)'\n | self.name > 1\n | ..........^")
    expect(check('spec.replicas')).toBe("ERROR: <input>:1:1: undeclared reference to 'spec' (in container '')\n | spec.replicas\n | ^")
    expect(check('nope(self.name)')).toBe("ERROR: <input>:1:5: undeclared reference to 'nope' (in container '')\n | nope(self.name)\n | ....^")
    expect(check('self.name.contains(1)')).toBe("ERROR: <input>:1:19: found no matching overload for 'contains' applied to 'string.(int)'\n | self.name.contains(1)\n | ..................^")
    expect(check('self.items.all(x,\n x > 1)')).toBe("ERROR: <input>:2:4: found no matching overload for '_>_' applied to '(string, int)'\n |  x > 1)\n | ...^")
    expect(check('self.replicas && true')).toBe("ERROR: <input>:1:5: expected type 'bool' but found 'int'\n | self.replicas && true\n | ....^")
    expect(check('self.replicas.x')).toBe("ERROR: <input>:1:14: type 'int' does not support field selection\n | self.replicas.x\n | .............^")
    expect(check('self.name >')).toBe("ERROR: <input>:1:12: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | self.name >\n | ...........^")
    expect(check('!self.name')).toContain("found no matching overload for '!_' applied to '(string)'")
    expect(check('self.created < 3')).toContain("applied to '(timestamp, int)'")
    expect(check('self.items[0] == 1')).toContain("'_==_' applied to '(string, int)'")
    expect(check('self.replicas > 1.5')).toBe('bool')
  })

  it('have the functions that Kubernetes adds', () => {
    const cases: readonly [string, unknown][] = [
      ['[1, 2, 3].sum()', 6n], ['["b", "a"].isSorted()', false], ['[3, 1].min()', 1n], ['["a", "b"].indexOf("b")', 1n], ['[1, 2].max() == 2', true],
      ['"abc 123".find("[0-9]+")', '123'], ['"1, 2, 3".findAll("[0-9]")', ['1', '2', '3']], ['"1, 2".findAll("[0-9]", 1)', ['1']],
      ['"a,b".split(",").join("-")', 'a-b'], ['"AbC".lowerAscii() + "x".upperAscii()', 'abcX'], ['" a ".trim().size()', 1n], ['"hello".substring(1, 3)', 'el'], ['"aaa".replace("a", "b", 2)', 'bba'],
      ['"%d of %s: %.1f".format([dyn(2), dyn("x"), dyn(1.26)])', '2 of x: 1.3'], ['strings.quote("a")', '"a"'],
      ['quantity("1Gi").isGreaterThan(quantity("1G"))', true], ['quantity("1k").add(quantity("1")).asInteger()', 1001n], ['isQuantity("1x")', false],
      ['url("https://a.io:80/x?y=1").getHostname()', 'a.io'], ['url("https://a.io:80/x?y=1").getPort()', '80'], ['isURL("../x")', false], ['url("/a?b=1").getQuery()["b"][0]', '1'],
      ['ip("10.0.0.1").family()', 4n], ['cidr("10.0.0.0/8").containsIP("10.1.1.1")', true], ['cidr("10.0.0.0/8").containsCIDR(cidr("10.1.0.0/16"))', true], ['isIP("10.0.0.01")', false], ['ip("fe80::1").isLinkLocalUnicast()', true], ['ip.isCanonical("::1")', true],
      ['format.dns1123Label().validate("A").hasValue()', true], ['!format.dns1123Label().validate("a").hasValue()', true], ['format.named("uri").value().validate("http://x").orValue([]).size()', 0n],
      ['sets.contains([1, 2, 3], [2])', true], ['sets.intersects(["a"], ["b"])', false], ['duration("1h") > duration("59m")', true], ['optional.none().orValue(3)', 3n],
    ]
    for (const [source, value] of cases) {
      const made = compile(env(), source)
      expect([source, made.error ?? (made.program.run({}) as { value: unknown }).value]).toEqual([source, value])
    }
  })

  it('fail at run time in the words of cel-go', () => {
    const run = (source: string) => {
      const made = compile(env(), source)
      return made.error ?? made.program.run({ self: Object.assign(new Spec(), { items: ['a'], any: 3n }) }).error
    }
    expect(run('self.name == "a"')).toBe('no such key: name')
    expect(run('self.items[3] == "a"')).toBe('index out of bounds: 3')
    expect(run('1 / 0 == 1')).toBe('division by zero')
    expect(run('9223372036854775807 + 1 > 0')).toBe('integer overflow')
    expect(run('self.any.startsWith("a")')).toBe('no such overload')
  })
})
