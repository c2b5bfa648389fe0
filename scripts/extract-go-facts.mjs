// Reads the Go struct declarations of the Kubernetes API and writes scripts/go-facts.json: per struct its fields in declaration order with
// Go name, Go type, JSON tag, patch strategy, list type. These facts are not in OpenAPI, and names of Pods depend on them (ComputeHash).
// Run once per Kubernetes release: node scripts/extract-go-facts.mjs <dir with git clones> v0.36.2
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { unfolded } from './unfold.mjs';

const [mirror, tag] = process.argv.slice(2);
const api = (path) => ({ repo: 'kubernetes+api', file: `${path}/types.go`, pkg: path });
const SOURCES = [
  ...['core/v1', 'apps/v1', 'batch/v1', 'networking/v1', 'rbac/v1', 'storage/v1', 'discovery/v1', 'coordination/v1', 'autoscaling/v1',
    'autoscaling/v2', 'policy/v1', 'scheduling/v1', 'node/v1', 'authentication/v1', 'authorization/v1', 'certificates/v1',
    'admissionregistration/v1', 'events/v1', 'flowcontrol/v1', 'resource/v1', 'certificates/v1beta1', 'coordination/v1beta1'].map(api),
  { repo: 'kubernetes+apimachinery', file: 'pkg/apis/meta/v1/types.go', pkg: 'meta/v1' },
  { repo: 'kubernetes+apiextensions-apiserver', file: 'pkg/apis/apiextensions/v1/types.go', pkg: 'apiextensions/v1' },
  { repo: 'kubernetes+apiextensions-apiserver', file: 'pkg/apis/apiextensions/v1/types_jsonschema.go', pkg: 'apiextensions/v1' },
  { repo: 'kubernetes+kube-aggregator', file: 'pkg/apis/apiregistration/v1/types.go', pkg: 'apiregistration/v1' },
];

/** Values of the named strings that are marked `+enum`, as OpenAPI publishes them. */
function enumsOf(text, enums) {
  for (const [, name] of text.matchAll(/\/\/ \+enum\n(?:\/\/.*\n)*type (\w+) string/g)) enums[name] = [];
  for (const [, name, value] of text.matchAll(/^\s*(?:const )?\w+\s+=?\s*(\w+)(?:\s+=\s+|\()"([^"]*)"/gm)) if (enums[name] && !enums[name].includes(value)) enums[name].push(value);
  for (const name of Object.keys(enums)) if (enums[name].length === 0) delete enums[name]; else enums[name].sort();
}

/** What is said of the values of those, the name of the constant left out. Upstream: kube-openapi/pkg/generators/enum.go enumValue.Description */
function wordsOf(text, enums) {
  const words = {};
  let comment = [];
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed.startsWith('//')) { comment.push(trimmed.slice(2)); continue; }
    const [, constant, type, value] = /^(?:const )?(\w+)\s+=?\s*(\w+)(?:\s+=\s+|\()"([^"]*)"/.exec(trimmed) ?? [];
    if (enums[type] && words[type]?.[value] === undefined) {
      const said = comment.filter((c) => !/^\s*\+/.test(c)).join(' ').trim();
      (words[type] ??= {})[value] = (said.startsWith(constant) ? said.slice(constant.length) : said).replace(/\s+/g, ' ').trim();
    }
    comment = [];
  }
  return Object.fromEntries(Object.entries(words).filter(([, values]) => Object.values(values).some((w) => w !== '')));
}

/** Descriptions of fields that hold one object: OpenAPI Generator leaves them out of the models. */
function toldOf(text, { structs, named }) {
  const told = {};
  for (const [, struct, body] of text.matchAll(/^var map_(\w+) = map\[string\]string\{\n([\s\S]*?)\n\}/gm)) {
    for (const [, field, about] of body.matchAll(/^\t"(\w+)":\s+("(?:[^"\\]|\\.)*"),$/gm)) {
      const line = structs[struct]?.find((l) => l.split(' ')[2]?.split(',')[0] === field);
      const type = /^\*?(?:\w+\.)?([A-Z]\w*)$/.exec(line?.split(' ')[1] ?? '')?.[1];
      if (type && !(type in named) && !Object.values(facts.packages).some((p) => type in p.named)) told[`${struct}.${field}`] = JSON.parse(about);
    }
  }
  return told;
}

/**
 * Where a description has its line breaks, by position, for those that cannot be guessed from their text: OpenAPI Generator made a space of each.
 * `guess` is what generate-api.mjs makes of such a text.
 */
function breaksOf(text) {
  const breaks = {};
  for (const [, struct, body] of text.matchAll(/^var map_(\w+) = map\[string\]string\{\n([\s\S]*?)\n\}/gm)) {
    for (const [, field, quoted] of body.matchAll(/^\t"(\w*)":\s+("(?:[^"\\]|\\.)*"),$/gm)) {
      const about = JSON.parse(quoted);
      const flat = about.replace(/\n/g, ' ');
      if (unfolded(flat) !== about) breaks[field === '' ? struct : `${struct}.${field}`] = [...about].flatMap((c, i) => (c === '\n' ? [i] : []));
    }
  }
  return breaks;
}

const facts = { kubernetes: tag, packages: {} };
for (const { repo, file, pkg } of SOURCES) {
  const text = execFileSync('git', ['-C', `${mirror}/${repo}/repo`, 'show', `${tag}:${file}`], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const out = (facts.packages[pkg] ??= { named: {}, structs: {}, enums: {} });
  enumsOf(text, out.enums);
  Object.assign((out.words ??= {}), wordsOf(text, out.enums));
  let struct = null;
  let comment = [];
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed.startsWith('//')) { comment.push(trimmed); continue; }
    const open = /^type (\w+) struct \{(\})?/.exec(line);
    if (open) { out.structs[open[1]] = struct = []; if (open[2]) struct = null; comment = []; continue; }
    const named = /^type (\w+) =?\s*([\w.[\]*]+)/.exec(line);
    if (named && struct === null) { out.named[named[1]] = named[2]; comment = []; continue; }
    if (line.startsWith('}')) { struct = null; comment = []; continue; }
    if (struct === null || trimmed === '') { comment = []; continue; }
    const field = /^(?:(\w+)\s+)?([\w.[\]*]+)\s+`(.*)`/.exec(trimmed);
    if (!field) { comment = []; continue; }
    const [, name, type, tags] = field;
    const tagOf = (key) => new RegExp(`${key}:"([^"]*)"`).exec(tags)?.[1];
    const marks = (key) => comment.map((c) => new RegExp(`^//\\s*\\+${key}=(\\S+)`).exec(c)?.[1]).filter(Boolean);
    const list = marks('listType')[0];
    const parts = [name ?? '-', type, tagOf('json') ?? '-'];
    if (tagOf('patchStrategy')) parts.push(`patch=${tagOf('patchStrategy')}`);
    if (tagOf('patchMergeKey')) parts.push(`key=${tagOf('patchMergeKey')}`);
    if (list) parts.push(`list=${[list, ...marks('listMapKey')].join(',')}`);
    if (marks('structType')[0]) parts.push(`struct=${marks('structType')[0]}`);
    if (marks('mapType')[0]) parts.push(`map=${marks('mapType')[0]}`);
    struct.push(parts.join(' '));
    comment = [];
  }
}
for (const { repo, file, pkg } of SOURCES) {
  if (file.endsWith('jsonschema.go')) continue;
  const swagger = file.replace(/types\.go$/, 'types_swagger_doc_generated.go');
  let text = '';
  try { text = execFileSync('git', ['-C', `${mirror}/${repo}/repo`, 'show', `${tag}:${swagger}`], { encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'ignore'] }); } catch { continue; } // not every package has it
  facts.packages[pkg].told = toldOf(text, facts.packages[pkg]);
  facts.packages[pkg].breaks = breaksOf(text);
}
writeFileSync(new URL('go-facts.json', import.meta.url), `${JSON.stringify(facts, null, 0).replaceAll('],"', '],\n"')}\n`);
