import { serverProgram } from './server'
import type { Program } from './program'

const nginx = serverProgram({
  name: 'nginx', ports: [80], startupMs: 0, stopMs: 60, stopCode: 0, idleCpuMillis: 0, memoryMi: 6, paths: ['/', '/index.html', '/50x.html'],
  log: ['/docker-entrypoint.sh: Configuration complete; ready for start up', '[notice] 1#1: using the "epoll" event method', '[notice] 1#1: start worker processes'],
})
const httpd = serverProgram({ name: 'httpd', ports: [80], startupMs: 40, stopMs: 40, stopCode: 0, idleCpuMillis: 1, memoryMi: 8, paths: ['/', '/index.html'], log: ["AH00094: Command line: 'httpd -D FOREGROUND'"] })
const redis = serverProgram({ name: 'redis', ports: [6379], startupMs: 30, stopMs: 20, stopCode: 0, idleCpuMillis: 2, memoryMi: 9, http: false, log: ['1:M * Server initialized', '1:M * Ready to accept connections tcp'] })
const httpEcho = serverProgram({ name: 'http-echo', ports: [5678], startupMs: 5, stopMs: 10, stopCode: 0, idleCpuMillis: 0, memoryMi: 4, log: ['[INFO] server is listening on :5678'] })
const mysql = serverProgram({
  name: 'mysql', ports: [3306, 33060], startupMs: 6_000, stopMs: 1_500, stopCode: 0, idleCpuMillis: 5, memoryMi: 380, http: false, log: ['[System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. port: 3306'],
  requires: { anyOf: ['MYSQL_ROOT_PASSWORD', 'MYSQL_ALLOW_EMPTY_PASSWORD', 'MYSQL_RANDOM_ROOT_PASSWORD', 'MARIADB_ROOT_PASSWORD', 'MARIADB_ALLOW_EMPTY_ROOT_PASSWORD', 'MARIADB_RANDOM_ROOT_PASSWORD'], says: '[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD' },
})
const postgres = serverProgram({
  name: 'postgres', ports: [5432], startupMs: 2_500, stopMs: 200, stopCode: 0, idleCpuMillis: 2, memoryMi: 40, http: false, log: ['LOG:  listening on IPv4 address "0.0.0.0", port 5432', 'LOG:  database system is ready to accept connections'],
  requires: { anyOf: ['POSTGRES_PASSWORD', 'POSTGRES_HOST_AUTH_METHOD', 'POSTGRES_PASSWORD_FILE'], says: 'Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".' },
})
const mongo = serverProgram({ name: 'mongo', ports: [27017], startupMs: 1_500, stopMs: 300, stopCode: 0, idleCpuMillis: 6, memoryMi: 110, http: false, log: ['{"msg":"Waiting for connections","attr":{"port":27017,"ssl":"off"}}'] })
const memcached = serverProgram({ name: 'memcached', ports: [11211], startupMs: 5, stopMs: 5, stopCode: 0, idleCpuMillis: 0, memoryMi: 3, http: false, log: [] })
const rabbitmq = serverProgram({ name: 'rabbitmq', ports: [5672, 15672], startupMs: 5_000, stopMs: 2_000, stopCode: 0, idleCpuMillis: 8, memoryMi: 140, log: ['Server startup complete; 4 plugins started.'] })
const pause = serverProgram({ name: 'pause', ports: [], startupMs: 0, stopMs: 0, stopCode: 0, idleCpuMillis: 0, memoryMi: 1, http: false, log: [] })
const kubeProxy = serverProgram({ name: 'kube-proxy', ports: [10256, 10249], startupMs: 100, stopMs: 5, stopCode: 2, idleCpuMillis: 1, memoryMi: 22, log: ['"Using iptables Proxier"', '"Caches are synced" controller="service config"', '"Caches are synced" controller="endpoint slice config"'] })
const coredns = serverProgram({ name: 'coredns', ports: [53, 8080, 8181, 9153], startupMs: 200, stopMs: 300, stopCode: 0, idleCpuMillis: 2, memoryMi: 17, log: ['.:53', 'CoreDNS-1.14.2', 'linux/amd64'] })
const slowStarter = serverProgram({ name: 'slow-starter', ports: [8080, 80], startupMs: 20_000, stopMs: 100, stopCode: 0, idleCpuMillis: 2, memoryMi: 60, log: ['ready after a slow start'] })

/** The stand-in for images that the catalogue does not know: serves the declared ports, and says what it is. */
export const genericServer: Program = serverProgram({
  name: 'stand-in', ports: [], startupMs: 200, stopMs: 50, stopCode: 0, idleCpuMillis: 1, memoryMi: 24,
  log: ['[kubeloop] a stand-in for this image: it serves the declared container ports and does nothing else'],
}) as Program

/** Servers by the last part of an image's name, or by the name of the executable in a command. */
export const servers: Readonly<Record<string, Program>> = {
  nginx: nginx as Program, 'nginx-unprivileged': nginx as Program, openresty: nginx as Program, httpd: httpd as Program, apache: httpd as Program, 'php-apache': httpd as Program, 'hpa-example': httpd as Program,
  redis: redis as Program, valkey: redis as Program, 'redis-server': redis as Program, 'http-echo': httpEcho as Program, mysql: mysql as Program, mariadb: mysql as Program, mysqld: mysql as Program,
  postgres: postgres as Program, mongo: mongo as Program, mongod: mongo as Program, mongodb: mongo as Program, memcached: memcached as Program, rabbitmq: rabbitmq as Program, pause: pause as Program,
  'kube-proxy': kubeProxy as Program, coredns: coredns as Program, 'slow-starter': slowStarter as Program,
}
