import { serverProgram, type ServerFacts } from './server'
import type { Program } from './program'

const welcome = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.<br/>
Commercial support is available at
<a href="http://nginx.com/">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
`
const nginxEntry = [
  '/docker-entrypoint.d/ is not empty, will attempt to perform configuration', 'Looking for shell scripts in /docker-entrypoint.d/', 'Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh', 'Sourcing /docker-entrypoint.d/15-local-resolvers.envsh',
  'Launching /docker-entrypoint.d/20-envsubst-on-templates.sh', 'Launching /docker-entrypoint.d/30-tune-worker-processes.sh', 'Configuration complete; ready for start up',
]
const nginxNotices = ['using the "epoll" event method', 'nginx/1.29.0', 'OS: Linux 6.12.57+deb13-amd64', 'getrlimit(RLIMIT_NOFILE): 1048576:1048576', 'start worker processes', 'start worker process 29', 'start worker process 30']
const mysqlNeeds = { anyOf: ['MYSQL_ROOT_PASSWORD', 'MYSQL_ALLOW_EMPTY_PASSWORD', 'MYSQL_RANDOM_ROOT_PASSWORD', 'MARIADB_ROOT_PASSWORD', 'MARIADB_ALLOW_EMPTY_ROOT_PASSWORD', 'MARIADB_RANDOM_ROOT_PASSWORD', 'MYSQL_ROOT_PASSWORD_FILE'], says: '[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD' }
const nginx: ServerFacts = {
  name: 'nginx', ports: [80], startupMs: 0, stopMs: 60, stopCode: 0, idleCpuMillis: 0, memoryMi: 6, title: 'nginx: master process nginx -g daemon off;', paths: ['/', '/index.html', '/50x.html'], root: '/usr/share/nginx/html', body: welcome, accessLog: true,
  log: [...nginxEntry.map((l) => `/docker-entrypoint.sh: ${l}`), ...nginxNotices.map((l) => `$DATE [notice] 1#1: ${l}`)],
  writes: { path: '/var/cache/nginx/client_temp', says: '$DATE [emerg] 1#1: mkdir() "/var/cache/nginx/client_temp" failed (30: Read-only file system)\nnginx: [emerg] mkdir() "/var/cache/nginx/client_temp" failed (30: Read-only file system)' },
}
const plain = { startupMs: 60, stopMs: 30, stopCode: 0, idleCpuMillis: 1, memoryMi: 12, log: [] as readonly string[] }

/** The servers of courses, one row each. Times and sizes are rounded from real ones. */
const catalogue: readonly ServerFacts[] = [
  nginx,
  { ...nginx, name: 'nginxhttps', ports: [80, 443] },
  { ...plain, name: 'nginx-unprivileged', ports: [8080], paths: ['/', '/index.html', '/50x.html'], root: '/usr/share/nginx/html', body: welcome, accessLog: true, memoryMi: 6 },
  { name: 'httpd', ports: [80], startupMs: 40, stopMs: 40, stopCode: 0, idleCpuMillis: 1, memoryMi: 8, paths: ['/', '/index.html'], root: '/usr/local/apache2/htdocs', body: '<html><body><h1>It works!</h1></body></html>\n', accessLog: true, log: ["AH00094: Command line: 'httpd -D FOREGROUND'"] },
  { ...plain, name: 'hpa-example', ports: [80], body: 'OK!', memoryMi: 10, log: ["AH00094: Command line: 'apache2 -D FOREGROUND'"] },
  { name: 'redis', ports: [6379], startupMs: 30, stopMs: 20, stopCode: 0, idleCpuMillis: 2, memoryMi: 9, http: false, log: ['1:M * Server initialized', '1:M * Ready to accept connections tcp'] },
  { name: 'http-echo', ports: [5678], portFrom: 'PORT', startupMs: 5, stopMs: 10, stopCode: 0, idleCpuMillis: 0, memoryMi: 4, body: '$TEXT\n', log: ['[INFO] server is listening on :5678'] },
  { name: 'mysql', ports: [3306, 33060], startupMs: 6_000, stopMs: 1_500, stopCode: 0, idleCpuMillis: 5, memoryMi: 380, http: false, log: ['[System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. port: 3306'], requires: mysqlNeeds },
  {
    name: 'postgres', ports: [5432], startupMs: 2_500, stopMs: 200, stopCode: 0, idleCpuMillis: 2, memoryMi: 40, http: false, log: ['LOG:  listening on IPv4 address "0.0.0.0", port 5432', 'LOG:  database system is ready to accept connections'],
    requires: { anyOf: ['POSTGRES_PASSWORD', 'POSTGRES_HOST_AUTH_METHOD', 'POSTGRES_PASSWORD_FILE'], says: 'Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".' },
  },
  { name: 'mongo', ports: [27017], startupMs: 1_500, stopMs: 300, stopCode: 0, idleCpuMillis: 6, memoryMi: 110, http: false, log: ['{"msg":"Waiting for connections","attr":{"port":27017,"ssl":"off"}}'] },
  { name: 'memcached', ports: [11211], startupMs: 5, stopMs: 5, stopCode: 0, idleCpuMillis: 0, memoryMi: 3, http: false, log: [] },
  { name: 'rabbitmq', ports: [5672, 15672], startupMs: 5_000, stopMs: 2_000, stopCode: 0, idleCpuMillis: 8, memoryMi: 140, log: ['Server startup complete; 4 plugins started.'] },
  { name: 'zookeeper', ports: [2181, 2888, 3888], startupMs: 2_000, stopMs: 300, stopCode: 143, idleCpuMillis: 3, memoryMi: 90, http: false, log: ['binding to port 0.0.0.0/0.0.0.0:2181'] },
  { name: 'cassandra', ports: [9042, 7000, 7199], startupMs: 20_000, stopMs: 3_000, stopCode: 143, idleCpuMillis: 20, memoryMi: 1_100, http: false, log: ['Startup complete'] },
  { name: 'elasticsearch', ports: [9200, 9300], startupMs: 15_000, stopMs: 2_000, stopCode: 143, idleCpuMillis: 15, memoryMi: 900, log: ['started'] },
  { name: 'etcd', ports: [2379, 2380, 2381], startupMs: 500, stopMs: 50, stopCode: 0, idleCpuMillis: 15, memoryMi: 48, log: ['{"level":"info","ts":"$TIME","caller":"embed/serve.go:103","msg":"ready to serve client requests"}', '{"level":"info","ts":"$TIME","caller":"embed/serve.go:210","msg":"serving client traffic securely","traffic":"grpc+http","address":"127.0.0.1:2379"}'] },
  {
    name: 'kube-apiserver', ports: [6443], startupMs: 900, stopMs: 80, stopCode: 0, idleCpuMillis: 32, memoryMi: 250,
    log: ['$KLOG server.go:150] Version: v$VERSION', '$KLOG server.go:152] "Golang settings" GOGC="" GOMAXPROCS="" GOTRACEBACK=""', '$KLOG secure_serving.go:211] Serving securely on [::]:6443', '$KLOG tlsconfig.go:243] "Starting DynamicServingCertificateController"'],
  },
  {
    name: 'kube-controller-manager', ports: [10257], startupMs: 400, stopMs: 50, stopCode: 0, idleCpuMillis: 14, memoryMi: 52,
    log: ['$KLOG serving.go:386] Generated self-signed cert in-memory', '$KLOG controllermanager.go:203] "Starting" version="v$VERSION"', '$KLOG controllermanager.go:205] "Golang settings" GOGC="" GOMAXPROCS="" GOTRACEBACK=""', '$KLOG secure_serving.go:211] Serving securely on 127.0.0.1:10257', '$KLOG leaderelection.go:258] "Attempting to acquire leader lease..." lock="kube-system/kube-controller-manager"'],
  },
  {
    name: 'kube-scheduler', ports: [10259], startupMs: 300, stopMs: 40, stopCode: 0, idleCpuMillis: 4, memoryMi: 24,
    log: ['$KLOG serving.go:386] Generated self-signed cert in-memory', '$KLOG server.go:173] "Starting Kubernetes Scheduler" version="v$VERSION"', '$KLOG server.go:175] "Golang settings" GOGC="" GOMAXPROCS="" GOTRACEBACK=""', '$KLOG secure_serving.go:211] Serving securely on 127.0.0.1:10259', '$KLOG leaderelection.go:258] "Attempting to acquire leader lease..." lock="kube-system/kube-scheduler"'],
  },
  { name: 'wordpress', ports: [80], startupMs: 800, stopMs: 50, stopCode: 0, idleCpuMillis: 1, memoryMi: 60, accessLog: true, log: ['WordPress has been successfully copied to /var/www/html', "AH00094: Command line: 'apache2 -D FOREGROUND'"] },
  { name: 'envoy', ports: [9901, 10000], startupMs: 300, stopMs: 50, stopCode: 0, idleCpuMillis: 3, memoryMi: 30, log: ['[info] starting main dispatch loop'] },
  { ...plain, name: 'traefik', ports: [80, 443, 8080] },
  { ...plain, name: 'haproxy', ports: [80], paths: [] },
  { ...plain, name: 'kuard', ports: [8080], portFrom: 'PORT', body: '<title>KUAR Demo</title>\nhost: $HOSTNAME, version: $VERSION\n', log: ['Starting kuard version: v0.10.0-blue', 'Serving on HTTP on :8080'] },
  { ...plain, name: 'hello-app', ports: [8080], portFrom: 'PORT', body: 'Hello, world!\nVersion: $VERSION.0.0\nHostname: $HOSTNAME\n', log: ['Server listening on port 8080'] },
  { ...plain, name: 'kubia', ports: [8080], body: "You've hit $HOSTNAME\n", log: ['Kubia server starting...'] },
  { ...plain, name: 'kiada', ports: [8080], body: 'Kiada version $VERSION. Request processed by "$HOSTNAME".\n', log: ['Kiada - Kubernetes in Action Demo Application', 'Kiada $VERSION starting...', 'Local hostname is $HOSTNAME', 'Listening on port 8080'] },
  { ...plain, name: 'quiz-api', ports: [8080] },
  { ...plain, name: 'random-generator', ports: [8080], startupMs: 3_000, memoryMi: 130, body: '{"random":1204571882,"id":"$HOSTNAME","version":"$VERSION"}\n', log: ['Started RandomGeneratorApplication'] },
  { ...plain, name: 'k8s-demo', ports: [3000], body: 'Hello World!', log: ['Example app listening at http://:::3000'] },
  { ...plain, name: 'myboot', ports: [8080], startupMs: 2_500, memoryMi: 140, body: 'Aloha from Spring Boot! 1 on $HOSTNAME\n', log: ['Started BootApplication'] },
  // A shell is its first process, and ignores SIGTERM.
  { ...plain, name: 'kubernetes-bootcamp', ports: [8080], stopMs: Infinity, title: '/bin/sh -c node server.js', body: 'Hello Kubernetes bootcamp! | Running on: $HOSTNAME | v=$VERSION\n', log: ['Kubernetes Bootcamp App Started At: $ISO | Running On:  $HOSTNAME'] },
  { ...plain, name: 'webapp-color', ports: [8080], startupMs: 500, body: '<h1>Hello from $HOSTNAME!</h1>\n', log: [' * Running on http://0.0.0.0:8080/ (Press CTRL+C to quit)'] },
  { ...plain, name: 'test-webserver', ports: [80] },
  { ...plain, name: 'echoserver', ports: [8080], body: '\n\nHostname: $HOSTNAME\n\nPod Information:\n\t-no pod information available-\n\nServer values:\n\tserver_version=nginx: 1.13.3 - lua: 10008\n\nRequest Information:\n\tclient_address=$CLIENT\n\tmethod=$METHOD\n\treal path=$PATH\n\tquery=\n\trequest_version=1.1\n\trequest_scheme=http\n\nRequest Headers:\n\taccept=*/*\n\tuser-agent=$AGENT\n\nRequest Body:\n\t-no body in request-\n\n' },
  { ...plain, name: 'agnhost', ports: [8080, 80, 9376], body: 'NOW: $NOW', log: ['$KLOG log.go:245] Started HTTP server on port 8080', '$KLOG log.go:245] Started UDP server on port 8081'] },
  { ...plain, name: 'liveness', ports: [8080], body: 'ok', failsAfterMs: 10_000 },
  { ...plain, name: 'serve_hostname', ports: [9376], body: '$HOSTNAME' },
  { ...plain, name: 'whoami', ports: [80], body: 'Hostname: $HOSTNAME\nGET $PATH HTTP/1.1\n' },
  { ...plain, name: 'gb-frontend', ports: [80], accessLog: true, memoryMi: 14, log: ["AH00094: Command line: 'apache2 -D FOREGROUND'"] },
  { ...plain, name: 'node-exporter', ports: [9100], log: ['level=info msg="Listening on" address=[::]:9100'] },
  { ...plain, name: 'fluentd', ports: [24224], http: false, memoryMi: 60, log: ['fluentd worker is now running worker=0'] },
  { ...plain, name: 'prometheus', ports: [9090], memoryMi: 50, log: ['msg="Server is ready to receive web requests."'] },
  { ...plain, name: 'grafana', ports: [3000], startupMs: 2_000, memoryMi: 80, log: ['HTTP Server Listen address=[::]:3000'] },
  { ...plain, name: 'registry', ports: [5000] },
  { name: 'pause', ports: [], startupMs: 0, stopMs: 0, stopCode: 0, idleCpuMillis: 0, memoryMi: 1, http: false, log: [] },
  { name: 'kube-proxy', ports: [10256, 10249], startupMs: 100, stopMs: 5, stopCode: 2, idleCpuMillis: 1, memoryMi: 22, log: ['$KLOG server_linux.go:134] "Using iptables Proxier"', '$KLOG shared_informer.go:356] "Caches are synced" controller="service config"', '$KLOG shared_informer.go:356] "Caches are synced" controller="endpoint slice config"'] },
  { ...plain, name: 'metrics-server', ports: [10250], startupMs: 400, idleCpuMillis: 3, memoryMi: 19, log: ['$KLOG serving.go:386] Generated self-signed cert (/tmp/apiserver.crt, /tmp/apiserver.key)', '$KLOG secure_serving.go:211] Serving securely on [::]:10250'] },
  { name: 'coredns', ports: [53, 8080, 8181, 9153], startupMs: 200, stopMs: 300, stopCode: 0, idleCpuMillis: 2, memoryMi: 17, log: ['.:53', 'CoreDNS-1.14.2', 'linux/amd64'] },
  { name: 'slow-starter', ports: [8080, 80], startupMs: 20_000, stopMs: 100, stopCode: 0, idleCpuMillis: 2, memoryMi: 60, log: ['ready after a slow start'] },
]

/** The stand-in for images that the catalogue does not know: serves the declared ports, and says what it is. */
export const genericServer: Program = serverProgram({
  name: 'stand-in', ports: [], startupMs: 200, stopMs: 50, stopCode: 0, idleCpuMillis: 1, memoryMi: 24, body: '[kubeloop] a stand-in for the image of $HOSTNAME\n',
  log: ['[kubeloop] a stand-in for this image: it serves the declared container ports and does nothing else'],
}) as Program

/** Other names of the same servers: of images, or of executables in a command. */
const aliases: Readonly<Record<string, string>> = {
  openresty: 'nginx', kubenginx: 'nginx', 'nginx-slim': 'nginx', 'nginx-debug': 'nginx', apache: 'httpd', 'httpd-foreground': 'httpd', 'php-apache': 'hpa-example', valkey: 'redis', 'redis-server': 'redis', 'redis-slave': 'redis', 'gb-redisslave': 'redis', 'gb-redis-follower': 'redis',
  mariadb: 'mysql', mysqld: 'mysql', mongod: 'mongo', mongodb: 'mongo', 'kuard-amd64': 'kuard', 'hello-kubernetes': 'kubernetes-bootcamp', echo: 'echoserver', 'kubia-unhealthy': 'kubia', 'quiz-api-writethrough': 'quiz-api', 'simple-webapp-color': 'webapp-color', 'echo-server': 'echoserver', 'echo-basic': 'echoserver',
  'serve-hostname': 'serve_hostname', kubernetes_zookeeper: 'zookeeper', 'kubernetes-zookeeper': 'zookeeper', 'gb-frontend-v5': 'gb-frontend', 'hello-app-tls': 'hello-app', 'fluentd-elasticsearch': 'fluentd', 'hello-node': 'hello-app',
}

/** Servers by the last part of an image's name, or by the name of the executable in a command. */
export const servers: Readonly<Record<string, Program>> = makeServers()

function makeServers(): Record<string, Program> {
  const out: Record<string, Program> = {}
  for (const facts of catalogue) out[facts.name] = serverProgram(facts) as Program
  for (const name of Object.keys(aliases)) out[name] = out[aliases[name] as string] as Program
  return out
}
