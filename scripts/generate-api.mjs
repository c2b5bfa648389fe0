// Writes src/engine/api/types.generated.ts, schema.generated.ts and the descriptions for `kubectl explain` (api-docs/docs.generated.ts) from the models of @kubernetes/client-node (OpenAPI: which fields exist,
// which are required) and scripts/go-facts.json (Go: order, pointers, omitempty, patch and list semantics).
// Run: node scripts/generate-api.mjs        (--check writes nothing and fails when the files are out of date)
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { unfolded } from './unfold.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const models = `${root}node_modules/@kubernetes/client-node/dist/gen/models`;

/** Client classes of the kinds Kubeloop knows; everything they reference follows. */
const ROOTS = `V1Pod V1Deployment V1ReplicaSet V1ReplicationController V1StatefulSet V1DaemonSet V1Job V1CronJob V1Service V1Endpoints
V1EndpointSlice V1Ingress V1IngressClass V1NetworkPolicy V1ConfigMap V1Secret V1ServiceAccount V1Role V1ClusterRole V1RoleBinding
V1ClusterRoleBinding V1PersistentVolume V1PersistentVolumeClaim V1StorageClass V1Namespace V1Node CoreV1Event V1Lease
V2HorizontalPodAutoscaler V1HorizontalPodAutoscaler V1PodDisruptionBudget V1Eviction V1Binding V1Scale V1ResourceQuota V1LimitRange
V1PriorityClass V1RuntimeClass V1ControllerRevision V1PodTemplate V1CSIDriver V1CSINode V1CSIStorageCapacity V1VolumeAttachment
V1CustomResourceDefinition AuthenticationV1TokenRequest V1TokenReview V1SelfSubjectReview V1SelfSubjectAccessReview
V1SelfSubjectRulesReview V1SubjectAccessReview V1LocalSubjectAccessReview V1CertificateSigningRequest V1MutatingWebhookConfiguration
V1ValidatingWebhookConfiguration V1ValidatingAdmissionPolicy V1ValidatingAdmissionPolicyBinding V1APIService V1Status V1DeleteOptions
V1APIResourceList V1APIGroupList V1MutatingAdmissionPolicy V1MutatingAdmissionPolicyBinding V1FlowSchema V1PriorityLevelConfiguration V1IPAddress V1ServiceCIDR
V1DeviceClass ResourceV1ResourceClaim V1ResourceClaimTemplate V1ResourceSlice V1VolumeAttributesClass V1ComponentStatus
V1beta1ClusterTrustBundle V1beta1PodCertificateRequest V1beta1LeaseCandidate`.split(/\s+/);
/** Groups whose classes lose their group prefix; of others it stays where client-node has one (DiscoveryEndpointPort). */
const BARE_GROUPS = new Set(['', 'Core', 'Authentication', 'Rbac', 'Batch', 'Apps', 'Resource']);
/** Go types with their own JSON form: schema leaf and TypeScript type. */
const SPECIAL = {
  Time: 'string', MicroTime: 'string', Duration: 'string', Quantity: 'string', IntOrString: 'number | string', RawExtension: 'unknown',
  FieldsV1: 'Record<string, unknown>', JSON: 'unknown',
};

/** Types that room apimachinery needs too, written there. */
const META = new Set(['ObjectMeta', 'OwnerReference', 'ManagedFieldsEntry', 'LabelSelector', 'LabelSelectorRequirement']);
/** Types that room apimachinery writes by hand. */
const HAND = new Set(['Status', 'StatusDetails', 'StatusCause']);

const facts = JSON.parse(readFileSync(new URL('go-facts.json', import.meta.url), 'utf8'));
const problems = [];

async function loadClass(name) {
  const js = `${models}/${name}.js`;
  if (!existsSync(js)) throw new Error(`client-node has no model ${name}`);
  const declaration = readFileSync(`${models}/${name}.d.ts`, 'utf8');
  const text = readFileSync(js, 'utf8');
  const json = /attributeTypeMap = (\[[\s\S]*?\n\]);/.exec(text)?.[1] ?? '[]';
  const attributes = JSON.parse(json);
  for (const attribute of attributes) attribute.required = declaration.includes(`\n    '${attribute.name}': `);
  return attributes;
}

/** V1Pod → { group: '', version: 'v1', go: 'Pod', ts: 'Pod' } */
function nameOf(cls) {
  const [, group, version, go] = /^([A-Z][a-z]+)??(V\d+(?:beta\d+)?)(\w+)$/.exec(cls);
  const prefix = group ?? '';
  const old = version === 'V1' && !prefix && existsSync(`${models}/V2${go}.js`);
  // A claim among a container's resources is not the kind ResourceClaim.
  const bare = BARE_GROUPS.has(prefix) && (prefix !== 'Core' || !existsSync(`${models}/Resource${version}${go}.js`));
  return { prefix, version: version.toLowerCase(), go, ts: `${bare ? '' : prefix}${go}${old ? 'V1' : ''}` };
}

/** Package and Go name of the struct behind a client class. */
function structOf(cls) {
  const { prefix, version, go } = nameOf(cls);
  const fits = Object.keys(facts.packages).filter((pkg) => pkg.endsWith(`/${version}`) && go in facts.packages[pkg].structs
    && (prefix === '' || pkg.toLowerCase().startsWith(prefix.toLowerCase())));
  const order = ['meta/v1', 'core/v1', 'apps/v1', 'batch/v1'];
  fits.sort((a, b) => (order.indexOf(a) + 1 || 99) - (order.indexOf(b) + 1 || 99));
  if (fits.length === 0) { problems.push(`no Go struct for ${cls}`); return null; }
  return { pkg: fits[0], go };
}

/** Resolves a Go identifier seen in `pkg` to { pkg, name }. */
function resolve(pkg, id) {
  const [qualifier, name] = id.includes('.') ? id.split('.') : [null, id];
  if (qualifier === null) return { pkg, name };
  const home = { metav1: 'meta/v1', corev1: 'core/v1', apiv1: 'core/v1', v1: pkg === 'core/v1' ? 'meta/v1' : 'core/v1' }[qualifier];
  if (home === undefined) return { pkg: qualifier, name };
  if (home === 'core/v1' && !(name in facts.packages[home].structs) && !(name in facts.packages[home].named)) return { pkg: 'meta/v1', name };
  return { pkg: home, name };
}

const SCALARS = new Set(['string', 'bool', 'int', 'int32', 'int64', 'uint8', 'uint32', 'uint64', 'float64', 'byte']);
const named = new Map();   // Go named type → [go package, underlying expression]
const types = new Map();   // ts name → { pkg, go, fields: string[] , ts: string[] }
const tsOfStruct = new Map(); // "pkg.Go" → ts name

/** Schema expression of a Go type; leaf structs are named by their TypeScript name. */
function expression(pkg, goType) {
  const wrap = /^(\*|\[\]|map\[[\w.]+\])+/.exec(goType)?.[0] ?? '';
  const id = goType.slice(wrap.length);
  const { pkg: home, name } = resolve(pkg, id);
  const prefix = wrap.replace(/map\[(\w+)\.(\w+)\]/g, 'map[$2]');
  const mapKey = /map\[([\w.]+)\]/.exec(wrap)?.[1];
  if (mapKey && mapKey !== 'string') { const key = resolve(pkg, mapKey); addNamed(key.pkg, key.name); }
  if (SCALARS.has(name)) return prefix + name;
  if (name in SPECIAL) return prefix + name;
  if (name === 'UID' || name === 'NodeName') { named.set(name, ['types', 'string']); return prefix + name; }
  const tsName = tsOfStruct.get(`${home}.${name}`);
  if (tsName !== undefined) return prefix + tsName;
  if (addNamed(home, name)) return prefix + name;
  return `${prefix}JSON`;
}

function addNamed(pkg, name) {
  if (name === 'UID') { named.set(name, ['types', 'string']); return true; }
  const under = facts.packages[pkg]?.named[name];
  if (under === undefined) return false;
  const target = resolve(pkg, under);
  // type Foo = v1.Bar (alias): follow it.
  named.set(name, [pkg.split('/').at(-1), '']);
  named.set(name, [pkg.split('/').at(-1), expression(pkg, under)]);
  return target !== null;
}

function tsType(clientType, goExpression) {
  const leaf = /(\w+)$/.exec(goExpression ?? '')?.[1];
  const text = clientType.trim();
  const array = /^Array<(.*)>$/.exec(text);
  if (array) { const inner = tsType(array[1], goExpression); return /[|]/.test(inner) ? `(${inner})[]` : `${inner}[]`; }
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(text);
  if (map) return `Record<string, ${tsType(map[1], goExpression)}>`;
  if (leaf in SPECIAL && !/^V\d/.test(text)) return SPECIAL[leaf];
  switch (text) {
    case 'string': case 'number': case 'boolean': return text;
    case 'Date': case 'V1MicroTime': return 'string';
    case 'any': return 'unknown';
    case 'IntOrString': return 'number | string';
    case 'object': return 'Record<string, unknown>';
    default: return nameOf(text).ts;
  }
}

const leafClass = (type) => /((?:[A-Z][a-z]+)?V\d+\w+)/.exec(type)?.[1];

// 1. Closure over client classes.
const classes = new Map();
const queue = [...ROOTS];
while (queue.length > 0) {
  const cls = queue.shift();
  if (classes.has(cls) || cls === 'V1MicroTime') continue;
  const attributes = await loadClass(cls);
  classes.set(cls, attributes);
  for (const attribute of attributes) {
    const leaf = leafClass(attribute.type);
    if (leaf) queue.push(leaf);
  }
}
const sorted = [...classes.keys()].sort((a, b) => (nameOf(a).ts < nameOf(b).ts ? -1 : 1));
const structs = new Map();
for (const cls of sorted) {
  const struct = structOf(cls);
  if (struct === null) continue;
  structs.set(cls, struct);
  const { ts } = nameOf(cls);
  if ([...tsOfStruct.values()].includes(ts)) problems.push(`two types named ${ts}`);
  tsOfStruct.set(`${struct.pkg}.${struct.go}`, ts);
}

// 2. Fields in Go order.
function fieldsOf(pkg, go, attributes, seen) {
  const fields = [];
  for (const line of facts.packages[pkg].structs[go] ?? []) {
    const [name, goType, tag, ...marks] = line.split(' ');
    const [json, ...options] = tag.split(',');
    if (tag === '-') continue;
    if (json === '' && (options.includes('inline') || name === '-')) {
      const home = resolve(pkg, goType.replace('*', ''));
      emitEmbedded(home.pkg, home.name, attributes, seen);
      fields.push(`<${tsOfStruct.get(`${home.pkg}.${home.name}`) ?? home.name}`);
      continue;
    }
    seen.add(json);
    const attribute = attributes.find((a) => a.baseName === json);
    if (!attribute && json !== 'kind' && json !== 'apiVersion') { if (json !== 'selfLink' || go !== 'ListMeta') continue; }
    const mark = Object.fromEntries(marks.map((m) => { const at = m.indexOf('='); return [m.slice(0, at), m.slice(at + 1)]; }));
    const flags = [
      options.includes('omitzero') ? '?' : options.includes('omitempty') ? '' : '!',
      attribute?.required ? 'r' : '',
      mark.patch ? ` p=${mark.patch}` : '', mark.key ? ` k=${mark.key}` : '', mark.list ? ` l=${mark.list}` : '',
      mark.struct ? ` s=${mark.struct}` : '', mark.map ? ` m=${mark.map}` : '',
    ].join('').trim();
    const goName = name === '-' ? goType.replace(/^\*?(\w+\.)?/, '') : name;
    const capital = json[0].toUpperCase() + json.slice(1);
    fields.push(`${json}${goName === capital ? '' : `=${goName}`} ${expression(pkg, goType)} ${flags}`.trimEnd());
  }
  return fields;
}
const embedded = new Map();
function emitEmbedded(pkg, go, attributes, seen) {
  const key = `${pkg}.${go}`;
  const known = tsOfStruct.get(key) ?? go;
  const list = fieldsOf(pkg, go, attributes, seen);
  if (!tsOfStruct.has(key) && (!embedded.has(known) || embedded.get(known).fields.length < list.length)) embedded.set(known, { pkg, go, fields: list });
}

const interfaces = [];
const metaInterfaces = [];
for (const cls of sorted) {
  const { ts } = nameOf(cls);
  const attributes = classes.get(cls);
  const struct = structs.get(cls);
  const seen = new Set();
  const fields = struct ? fieldsOf(struct.pkg, struct.go, attributes, seen) : [];
  if (struct) {
    for (const a of attributes) if (!seen.has(a.baseName)) problems.push(`${ts}.${a.baseName}: in OpenAPI, not in Go`);
    types.set(ts, { pkg: struct.pkg, go: struct.go, fields });
  }
  const expressions = new Map();
  const collect = (list) => { for (const f of list) { if (f[0] === '<') { const e = embedded.get(f.slice(1)) ?? types.get(f.slice(1)); if (e) collect(e.fields); } else { const [j, e] = f.split(' '); expressions.set(j.split('=')[0], e); } } };
  collect(fields);
  const isRoot = ROOTS.includes(cls);
  const lines = attributes.map((a) => {
    const safe = /^[A-Za-z_]\w*$/.test(a.baseName) ? a.baseName : `'${a.baseName}'`;
    const type = tsType(a.type, expressions.get(a.baseName));
    // A whole object always has a name and, where Go keeps it by value, a spec.
    if (isRoot && a.baseName === 'metadata' && type === 'ObjectMeta') return '  metadata: NamedMeta';
    const required = a.required || (isRoot && a.baseName === 'spec' && !expressions.get('spec')?.startsWith('*'));
    return `  ${safe}${required ? '' : '?'}: ${type}`;
  });
  if (!HAND.has(ts)) (META.has(ts) ? metaInterfaces : interfaces).push(`export interface ${ts} {\n${lines.join('\n')}\n}`);
}
for (const [ts, { pkg, go, fields }] of embedded) if (!types.has(ts)) types.set(ts, { pkg, go, fields });

// 3. Output.
const head = `// Generated by scripts/generate-api.mjs from @kubernetes/client-node and scripts/go-facts.json (${facts.kubernetes}); do not edit.\n`;
const shared = [...META, ...HAND].join(', ');
const typesFile = `${head}// Interfaces of the Kubernetes API. Times are RFC 3339 strings, quantities strings.
import type { ${shared}, NamedMeta } from '../apimachinery'\n
export type { ${shared}, NamedMeta }\n\n${interfaces.join('\n\n')}\n`;
const metaFile = `${head}// The types of meta/v1 that everything shares.\n\n${metaInterfaces.join('\n\n')}\n`;
const typeLines = [...types].sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([ts, t]) => `${ts}${ts === t.go ? '' : `=${t.go}`} ${t.pkg}|${t.fields.join('|')}`);
const namedLines = [...named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, [pkg, under]]) => `${name} ${pkg === 'v1' ? '' : `${pkg} `}${under}`);
const quote = (line) => `'${line}'`;
const schemaFile = `${head}// One line per Go struct: \`Name package|field|field\`; a field is \`json=GoName type flags\` (format: schema.ts).\n
/** Named Go types that are not structs: \`Name [package] underlying\`. */
export const NAMED_TYPES: readonly string[] = [\n${namedLines.map((l) => `  ${quote(l)},`).join('\n')}\n]\n
/** Structs with their fields in Go order. */
export const STRUCT_TYPES: readonly string[] = [\n${typeLines.map((l) => `  ${quote(l)},`).join('\n')}\n]\n`;

// 4. Descriptions. OpenAPI Generator made one space of each newline: two spaces were an empty line, three a line that is indented.
/** Types that nobody explains, left out to keep the chunk small: answers of the server, and those that are found with their parent. */
const UNTOLD = /^(APIResource|APIGroup|APIService|Status|DeleteOptions|GroupVersion|ServerAddress|.*Review|ManagedFields|JSONSchema|Subject(Access|Rules)|Self|TokenRequest|AzureFile|AzureDisk|Cinder|Flocker|Gluster|PhotonPersistent|Portworx|Quobyte|RBD|ScaleIO|StorageOS|Vsphere|CephFS|AWSElastic|GCEPersistent|FlexVolume|FlexPersistent|ListMeta|ISCSIPersistent|NodeConfig|ConfigMapNodeConfig|CSIStorageCapacity|Device|Counter|Capacity|Opaque|ExactDevice|CELDevice|AllocatedDevice|AllocationResult|NetworkDeviceData|NodeAllocatable|ResourceSlice|ResourcePool|LeaseCandidate|ClusterTrustBundle|PodCertificateRequest|ComponentCondition|NonResource(Attributes|Rule)|ResourceAttributes|ResourceRule|UserInfo|BoundObject|Preconditions)/;
const told = (comment) => comment.replace(/^\s*\* ?/gm, '').trim().replaceAll('*\\/', '*/').replace(/\\(["'\\])/g, '$1');
/** A description with its line breaks: where Go has them when that is known, else as it looks. */
const broken = (text, at) => at === undefined || at.some((i) => text[i] !== ' ') ? unfolded(text) : [...text].map((c, i) => (at.includes(i) ? '\n' : c)).join('');
const docLines = [];
const toldAt = new Map(); // text → where it was said first
const once = (text, place) => { if (text.length < 30) return text; const at = toldAt.get(text); if (at !== undefined) return `^${at}`; toldAt.set(text, place); return text; };
for (const cls of sorted) {
  const { ts } = nameOf(cls);
  if (UNTOLD.test(ts)) continue;
  const declaration = readFileSync(`${models}/${cls}.d.ts`, 'utf8');
  const about = /\/\*\*\n((?:\*.*\n)+?)\*\/\nexport declare class/.exec(declaration)?.[1] ?? '';
  const { pkg, go } = structs.get(cls) ?? {};
  const breaks = facts.packages[pkg]?.breaks ?? {};
  docLines.push(`${ts}\t${once(broken(told(about), breaks[go]), ts)}`);
  const described = new Set();
  const say = (field, text) => {
    described.add(field);
    docLines.push(`\t${field}\t${once(text, `${ts}.${field}`)}`);
  };
  for (const [, text, field] of declaration.matchAll(/\/\*\*\n((?: +\*.*\n)+?) +\*\/\n +'([^']+)'\??:/g)) say(field, facts.packages[pkg]?.told?.[`${go}.${field}`] ?? broken(told(text), breaks[`${go}.${field}`]));
  for (const { baseName } of classes.get(cls)) {
    const text = facts.packages[pkg]?.told?.[`${go}.${baseName}`];
    if (text !== undefined && !described.has(baseName)) say(baseName, text);
  }
}
const enumLines = Object.values(facts.packages).flatMap((p) => Object.entries(p.enums)).filter(([name], i, all) => all.findIndex(([n]) => n === name) === i)
  .sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, values]) => `${name} ${values.join(',')}`);
const wordsOf = {};
for (const p of Object.values(facts.packages)) for (const [type, words] of Object.entries(p.words ?? {})) wordsOf[type] ??= Object.fromEntries(p.enums[type].map((v) => [v, words[v] ?? '']));
const sortedWords = Object.fromEntries(Object.entries(wordsOf).sort(([a], [b]) => (a < b ? -1 : 1)));
const wordsFile = `${head}// Loaded apart from kubectl, when it is there.\n
/** What the values of enumerations mean, as the server publishes it below a field: by type, then by value; '' where nothing is said. */
export const ENUM_WORDS: Readonly<Record<string, Readonly<Record<string, string>>>> = ${JSON.stringify(sortedWords, null, 2)}\n`;
const docsFile = `${head}// Loaded apart from kubectl, when it is there.\n
/** \`Type<tab>description\`, then for each field \`<tab>field<tab>description\`; \`^Type.field\` is the text that was said there. */
export const DOCS: readonly string[] = [\n${docLines.map((l) => `  ${JSON.stringify(l)},`).join('\n')}\n]\n
/** \`GoType value,value\` of the types that are enumerations. */
export const ENUMS: readonly string[] = [\n${enumLines.map((l) => `  ${quote(l)},`).join('\n')}\n]\n`;

if (process.argv.includes('--print-problems')) for (const p of problems) console.log(p);
let stale = false;
for (const [file, text] of [['api/types.generated.ts', typesFile], ['apimachinery/meta-types.generated.ts', metaFile], ['api/schema.generated.ts', schemaFile], ['api-docs/docs.generated.ts', docsFile], ['api-docs/enum-words.generated.ts', wordsFile]]) {
  const path = `${root}src/engine/${file}`;
  if (process.argv.includes('--check')) {
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) { stale = true; console.error(`${path} is out of date: run node scripts/generate-api.mjs`); }
  } else writeFileSync(path, text);
}
if (stale) process.exitCode = 1;
