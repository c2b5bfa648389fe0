import { expect, test } from 'vitest'
import { notFound, runFake, TestShell } from './kubectl.testing'

/* replace, scale and patch against a real API server. */

function shell(): TestShell {
  const t = new TestShell()
  t.run('kubectl create sa default')
  return t
}

test('replace: what may not be together, and --force', () => {
  const t = shell()
  const words = (line: string): string => t.run(line).stderr
  t.run('kubectl create cm a --from-literal=x=1')
  t.run('kubectl get cm a -oyaml > a.yaml')
  expect(words('kubectl replace -f a.yaml --grace-period=0')).toBe('error: --grace-period must have --force specified\n')
  expect(words('kubectl replace -f a.yaml --timeout=5s')).toBe('error: --timeout must have --force specified\n')
  expect(words('kubectl replace -f a.yaml --force --dry-run=client')).toBe('error: --dry-run can not be used when --force is set\n')
  expect(words('kubectl replace')).toBe('error: must specify one of -f and -k\n')
  expect(words('kubectl replace -f a.yaml --raw=/x -ojson')).toBe('error: --raw and --output are mutually exclusive\n')
  const two = 'for n in a b; do kubectl create cm $n --from-literal=x=2 --dry-run=client -oyaml; echo ---; done > two.yaml; kubectl replace --force -f two.yaml'
  expect(t.run(two)).toMatchObject({ rc: 0, stdout: 'configmap "a" deleted from default namespace\nconfigmap/a replaced\nconfigmap/b replaced\n' })
  expect(t.run('kubectl create cm a --from-literal=x=3 --dry-run=client -ojson | kubectl replace --raw=/api/v1/namespaces/default/configmaps/a -f - && kubectl get cm a -o jsonpath={.data.x}').stdout).toMatch(/"x":"3".*\n3$/)
  expect(t.run('kubectl create cm nope --dry-run=client -oyaml | kubectl replace -f -').stderr).toBe('Error from server (NotFound): error when replacing "STDIN": configmaps "nope" not found\n')
})

test('scale: conditions, several at once, kinds without it', () => {
  const t = shell()
  const words = (line: string): string => t.run(line).stderr
  t.run('kubectl create deploy a --image=nginx; kubectl create deploy b --image=nginx')
  expect(t.run('kubectl scale deploy a b --replicas=2').stdout).toBe('deployment.apps/a scaled\ndeployment.apps/b scaled\n')
  expect(t.run('kubectl scale deploy/a --replicas=3 -o jsonpath={.spec.replicas}').stdout).toBe('3')
  expect(words('kubectl scale deploy a --replicas=1 --current-replicas=7')).toBe('error: Expected replicas to be 7, was 3\n')
  expect(words('kubectl scale deploy a --replicas=1 --current-replicas=-2')).toBe('error: The --current-replicas must specify an integer of -1 or greater\n')
  expect(words('kubectl scale deploy a b --replicas=1 --resource-version=1')).toBe('error: cannot use --resource-version with multiple resources\n')
  expect(t.run('kubectl scale deploy a nope --replicas=1')).toMatchObject({ rc: 1, stdout: 'deployment.apps/a scaled\n', stderr: 'Error from server (NotFound): deployments.apps "nope" not found\n' })
  expect(words('kubectl create cm c; kubectl scale cm c --replicas=1')).toBe('Error from server (NotFound): the server could not find the requested resource\n')
  expect(t.run('kubectl scale deploy --all --replicas=0 --dry-run=client').stdout).toBe('deployment.apps/a scaled (dry run)\ndeployment.apps/b scaled (dry run)\n')
})

test('patch: here, of a part, and what is refused', () => {
  const t = shell()
  const words = (line: string): string => t.run(line).stderr
  t.run('kubectl create deploy a --image=nginx')
  expect(words('kubectl patch deploy a -p x=y --patch-file=z')).toBe('error: cannot specify --patch and --patch-file together\n')
  expect(words('kubectl patch deploy a')).toBe('error: must specify --patch or --patch-file containing the contents of the patch\n')
  expect(words('kubectl patch deploy a -p {} --local')).toBe('error: cannot specify --local and server resources\n')
  expect(words(`kubectl patch deploy a -p '{}' --type=x`)).toBe('error: --type must be one of [json merge strategic], not "x"\n')
  expect(words('kubectl patch deploy a --patch-file=z')).toBe('error: unable to read patch file: open z: no such file or directory\n')
  expect(t.run(`kubectl patch deploy a --subresource=scale --type=merge -p '{"spec":{"replicas":2}}'`).stdout).toBe('scale.autoscaling/a patched\n')
  expect(t.run(`kubectl get deploy a -o jsonpath={.spec.replicas}`).stdout).toBe('2')
  expect(t.run(`kubectl patch deploy a -p '{"spec":{"replicas":2}}'`).stdout).toBe('deployment.apps/a patched (no change)\n')
  expect(t.run(`kubectl patch deploy a -p 'spec: {replicas: 5}' --dry-run=client -o jsonpath={.spec.replicas}`).stdout).toBe('5')
  const local = `kubectl create deploy l --image=nginx --dry-run=client -oyaml > l.yaml; kubectl patch -f l.yaml --local`
  expect(t.run(`${local} -p '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","tty":true}]}}}}' -o jsonpath='{.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].tty}'`).stdout).toBe('nginx true')
  expect(t.run(`${local} --type=json -p '[{"op":"replace","path":"/spec/replicas","value":4}]' -o jsonpath={.spec.replicas}`).stdout).toBe('4')
  expect(words(`kubectl patch deploy a -p '{spec: 1}'`)).toContain("invalid character 's' looking for beginning of object key string")
})

test('kubeconfig: entries of a person, and what is refused', () => {
  const t = shell()
  const words = (line: string): string => t.run(line).stderr
  expect(words('kubectl config set-context')).toBe('error: you must specify a non-empty context name or --current\n')
  expect(words('kubectl config set-context x --current')).toBe('error: you cannot specify both a context name and --current\n')
  expect(t.run('kubectl config use-context')).toMatchObject({ rc: 1, stderr: 'error: Unexpected args: []\n' })
  expect(words('kubectl config set-cluster c --insecure-skip-tls-verify --certificate-authority=ca.crt')).toBe('error: you cannot specify a certificate authority and insecure mode at the same time\n')
  expect(words('kubectl config set-cluster c --embed-certs')).toBe('error: you must specify a --certificate-authority to embed\n')
  expect(words('kubectl config set-credentials u --token=t --username=n')).toBe('error: you cannot specify more than one authentication method at the same time: --token, --username/--password\n')
  expect(words('kubectl config set-credentials u --embed-certs --client-certificate=no.crt')).toBe('error: could not stat client-certificate file no.crt: stat no.crt: no such file or directory\n')
  expect(words('kubectl config get-contexts nope nada')).toBe('context nope not found\ncontext nada not found\n')
  expect(words('kubectl config unset contexts.nope')).toBe('error: current map key `nope` is invalid\n')
  expect(words('kubectl config delete-context nope')).toBe('error: cannot delete context nope, not in /home/you/.kube/config\n')
  expect(words('kubectl config view x')).toBe("error: unexpected arguments: [x]\nSee 'kubectl config view -h' for help and examples\n")
  t.run('echo -n crt > dave.crt; kubectl config set-credentials dave --client-certificate=dave.crt --embed-certs; kubectl config set-credentials dave --client-key=dave.key')
  t.run('kubectl config set-cluster dev --server=https://1.2.3.4:6443 --certificate-authority=ca.crt; kubectl config set-context dave --cluster=dev --user=dave --namespace=dev; kubectl config set users.dave.username d')
  expect(t.run('kubectl config view --context=dave --minify=false').stdout).toContain('- cluster:\n    certificate-authority: /home/you/ca.crt\n    server: https://1.2.3.4:6443\n  name: dev\n')
  expect(t.run('kubectl config view').stdout).toContain('- name: dave\n  user:\n    client-certificate-data: DATA+OMITTED\n    client-key: /home/you/dave.key\n    username: d\n')
  expect(t.run(`kubectl config view --raw -o jsonpath='{.users[?(@.name=="dave")].user.client-certificate-data}'`).stdout).toBe('Y3J0')
  expect(t.run('kubectl config unset users.dave && kubectl config get-users').stdout).toBe('Property "users.dave" unset.\nNAME\nkubernetes-admin\n')
})

test('diff hides what a secret holds', () => {
  const t = shell()
  const make = (more: string): string => `kubectl create secret generic s ${more} --dry-run=client -oyaml`
  t.run(`${make('--from-literal=a=1 --from-literal=b=2')} | kubectl apply -f -`)
  const changed = `${make('--from-literal=a=1 --from-literal=b=3')} | kubectl diff -f -`
  const lines = (out: string): readonly string[] => out.split('\n').filter((l) => /^[-+] /.test(l))
  expect(lines(t.run(changed).stdout)).toEqual(['-  b: \'*** (before)\'', '+  b: \'*** (after)\''])
  expect(lines(t.run(`${changed} --show-secrets`).stdout)).toEqual(['-  b: Mg==', '+  b: Mw=='])
  expect(t.run(`${changed} -l x=y`)).toMatchObject({ rc: 0, stdout: '' })
  expect(lines(t.run(`${changed} --server-side --force-conflicts --show-secrets`).stdout)).toContain('+  b: Mw==')
  expect(t.run('echo hi | kubectl cp a:b c:d').stderr).toBe('error: one of src or dest must be a local file specification\n')
})

test('a long loop or list forgets its answers and says all the same', () => {
  const t = shell()
  const looped = t.run('for i in $(seq 40); do kubectl create cm c$i; done')
  expect(looped.stdout).toBe(Array.from({ length: 40 }, (_, i) => `configmap/c${i + 1} created\n`).join(''))
  const listed = t.run(`n=1; ${'kubectl delete cm c$n && n=$((n+1)); '.repeat(30)}echo at $n; false`)
  expect(listed).toMatchObject({ rc: 1, stdout: `${Array.from({ length: 30 }, (_, i) => `configmap "c${i + 1}" deleted from default namespace\n`).join('')}at 31\n` })
  expect(t.run('kubectl get cm --no-headers | wc -l').stdout.trim()).toBe('10')
})

test('get --raw asks for what a path means: one object, all of a collection, a stream', () => {
  const t = new TestShell()
  t.run('kubectl create cm a --from-literal=x=1')
  expect(t.run('kubectl get --raw /api/v1/namespaces/default/configmaps/a').stdout).toMatch(/^\{"kind":"ConfigMap",.*"data":\{"x":"1"\}/)
  const all = t.run('kubectl get --raw /api/v1/namespaces/default/configmaps').stdout
  expect(all).toMatch(/^\{"kind":"ConfigMapList",.*\}\n$/)
  expect((JSON.parse(all) as { items: { metadata: { name: string } }[] }).items.map((i) => i.metadata.name)).toContain('a')
  expect(t.run('kubectl get --raw "/api/v1/configmaps?limit=1&fieldSelector=metadata.name%3Da"').stdout).toContain('"name":"a"')
  expect(t.run('kubectl get --raw /api/v1/namespaces/default/nothings').stderr).toBe('Error from server (NotFound): the server could not find the requested resource\n')
  expect(t.run('kubectl delete --raw /api/v1/namespaces/default/configmaps').rc).toBe(0)
  expect(t.run('kubectl get cm a').rc).toBe(1)
  const fake = runFake('kubectl get --raw "/api/v1/pods?watch=1"', () => notFound, { watch: () => [{ type: 'ADDED', object: { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'p' } } }, { stop: 5 }] })
  expect(fake.stdout).toBe('{"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p"}}}\n')
})

test('set: references are resolved, selectors are read as everywhere; nothing to set says nothing', () => {
  const t = shell()
  const words = (line: string): string => t.run(line).stderr
  t.run('kubectl create svc clusterip s --tcp=80; kubectl create deploy d --image=nginx; kubectl set resources deploy d --limits=cpu=300m,memory=64Mi')
  const ref = (name: string, from: string): string => `{"name":"${name}","valueFrom":{${from}}}`
  const field = (path: string): string => `"fieldRef":{"fieldPath":"${path}"}`
  const env = [ref('A', field('metadata.name')), ref('B', field('metadata.labels[\'app\']')), ref('C', field('spec.nodeName')), ref('D', '"resourceFieldRef":{"resource":"limits.memory","divisor":"1Mi"}'), ref('E', '"resourceFieldRef":{"resource":"limits.cpu"}'), ref('F', '"configMapKeyRef":{"name":"no","key":"k"}')]
  t.run(`kubectl patch deploy d -p "${JSON.stringify(`{"spec":{"template":{"spec":{"containers":[{"name":"nginx","env":[${env.join(',')}]}]}}}}`).slice(1, -1)}"`)
  expect(t.run('kubectl set env deploy d --list --resolve')).toEqual({
    rc: 0, stdout: '# Deployment d, container nginx\nA=d\nB=d\n# C from field path spec.nodeName\nD=64\nE=1\n# F from configmap no, key k\n',
    stderr: 'error retrieving reference for C: unsupported fieldPath: spec.nodeName\nerror retrieving reference for F: configmaps "no" not found\n',
  })
  expect(t.run('kubectl set env deploy d')).toEqual({ rc: 0, stdout: '', stderr: '' })
  expect(words('kubectl set selector svc s "a in (b,c),d"')).toBe('error: match expression [{a In [b c]} {d Exists []}] not supported on this object\n')
  expect(words('kubectl set selector svc s a!=b')).toBe('error: "!=" is not a valid label selector operator\n')
  expect(words('kubectl set selector svc s "a in ("')).toBe("error: couldn't parse the selector string \"a in (\": unable to parse requirement: found '', expected: ',', ')' or identifier\n")
  expect(t.run('kubectl set selector svc s a=b,c==d; kubectl get svc s -o jsonpath={.spec.selector}').stdout).toBe('service/s selector updated\n{"a":"b","c":"d"}')
})

test('create job --from and flags before the verb', () => {
  const t = shell()
  const words = (line: string): string => t.run(line).stderr
  t.run('kubectl create deploy d --image=nginx')
  expect(words('kubectl create job j --from=deploy/d')).toBe('error: unknown object type *v1.Deployment\n')
  expect(words('kubectl create job j --from=nope')).toBe('error: the server doesn\'t have a resource type "nope"\n')
  expect(words('kubectl create job j --from=cronjob')).toBe('error: resource(s) were provided, but no name was specified\n')
  expect(words('kubectl --foo get')).toBe("error: unknown flag: --foo\nSee 'kubectl --help' for usage.\n")
  expect(words('kubectl proxy --port=1 --unix-socket=/tmp/x')).toBe('error: cannot set --unix-socket and --port at the same time\n')
  expect(t.run('kubectl -n default get deploy -o name').stdout).toBe('deployment.apps/d\n')
})

test('who asks: tokens, users of the kubeconfig, servers that are not there', () => {
  const t = shell()
  const words = (line: string): string => t.run(line).stderr
  t.run('kubectl create sa bob; kubectl create role r --verb=get,list --resource=pods; kubectl create rolebinding rb --role=r --serviceaccount=default:bob')
  const forbidden = 'Error from server (Forbidden): nodes is forbidden: User "system:serviceaccount:default:bob" cannot list resource "nodes" in API group "" at the cluster scope\n'
  t.run('T=$(kubectl create token bob)')
  expect(t.run('kubectl --token=$T get pods; kubectl --token=$T get nodes')).toEqual({ rc: 1, stdout: '', stderr: `No resources found in default namespace.\n${forbidden}` })
  expect(t.run('kubectl --token=$T auth whoami').stdout).toMatch(/^ATTRIBUTE +VALUE\nUsername +system:serviceaccount:default:bob\nUID +\S+\nGroups +\[system:serviceaccounts system:serviceaccounts:default system:authenticated]\nExtra: authentication.kubernetes.io\/credential-id +\[JTI=\w+]\n$/)
  expect(words('kubectl --token=$T --as=eve get pods')).toContain('User "system:serviceaccount:default:bob" cannot impersonate resource "users"')
  t.run('kubectl config set-credentials bob --token=$T; kubectl config set-context bob --cluster=kubernetes --user=bob; kubectl config use-context bob')
  expect(words('kubectl get nodes')).toBe(forbidden)
  expect(t.run('kubectl auth can-i list pods; kubectl auth can-i list nodes 2>/dev/null').stdout).toBe('yes\nno\n')
  expect(t.run('kubectl get sa bob -o name --context=kubernetes-admin@kubernetes; kubectl get sa bob -o name --user=kubernetes-admin').stdout).toBe('serviceaccount/bob\nserviceaccount/bob\n')
  expect(words('kubectl get pods --user=nope')).toBe('error: auth info "nope" does not exist\n')
  // A flag of the command's own hides that of kubectl.
  expect(t.run('kubectl create rolebinding readers --clusterrole=view --user=nope --context=kubernetes-admin@kubernetes').stdout).toBe('rolebinding.rbac.authorization.k8s.io/readers created\n')
  expect(words('kubectl get pods --cluster=nope')).toBe('error: cluster "nope" does not exist\n')
  // What somebody wrote into a token, and one of another audience, is no token; nor is one whose account is gone.
  const unknown = 'error: You must be logged in to the server (Unauthorized)\n'
  expect(words('kubectl get pods --token=abc.def.ghi')).toBe(unknown)
  expect(words('kubectl get pods --token=${T}x')).toBe(unknown)
  expect(words('kubectl config use-context kubernetes-admin@kubernetes; kubectl get pods --token=$(kubectl create token bob --audience=x)')).toBe(unknown)
  t.run('kubectl delete sa bob; kubectl create sa bob')
  expect(words('kubectl get pods --user=bob')).toBe(unknown)
  // A certificate names its user and groups.
  t.run('kubectl config set-credentials ann --client-certificate=ann.crt --client-key=ann.key')
  expect(words('kubectl get pods --user=ann')).toBe('Error in configuration: \n* unable to read client-cert /home/you/ann.crt for ann due to open /home/you/ann.crt: no such file or directory\n* unable to read client-key /home/you/ann.key for ann due to open /home/you/ann.key: no such file or directory\n')
  t.run('touch ann.key ann.crt')
  expect(words('kubectl get pods --user=ann')).toBe('error: tls: failed to find any PEM data in certificate input\n')
  expect(t.run('kubectl config set-context same --user=bob --kubeconfig=.kube/config; kubectl config get-contexts same -o name').stdout).toBe('Context "same" created.\nsame\n')
  // Servers.
  t.run('kubectl config set-cluster far --server=https://10.0.0.10:6444; kubectl config set-context far --cluster=far --user=kubernetes-admin')
  expect(words('kubectl get pods --context=far')).toMatch(/^(E\d{4} .* memcache.go:265] "Unhandled Error" err="couldn't get current server API group list: Get \\"https:\/\/10.0.0.10:6444\/api\?timeout=32s\\": dial tcp 10.0.0.10:6444: connect: connection refused"\n){5}The connection to the server 10.0.0.10:6444 was refused - did you specify the right host or port\?\n$/)
  expect(words('kubectl get pods --server=https://1.2.3.4')).toMatch(/\nUnable to connect to the server: dial tcp 1.2.3.4:443: i\/o timeout\n$/)
  expect(words('kubectl config unset current-context; kubectl get pods')).toMatch(/\nThe connection to the server localhost:8080 was refused - did you specify the right host or port\?\n$/)
  expect(words('kubectl config use-context kubernetes-admin@kubernetes; kubectl config set-context --current --user=nope; kubectl get pods')).toBe('error: EOF\n')
  expect(t.run('kubectl config view --kubeconfig=demo').stdout).toBe('apiVersion: v1\nclusters: null\ncontexts: null\ncurrent-context: ""\nkind: Config\nusers: null\n')
})
