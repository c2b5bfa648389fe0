import type { ImageName } from './image'

/** A request that a program makes to another before it answers. */
export interface Call {
  /** As written in its settings: `redis-leader:6379`, `http://catalogue/`. */
  readonly to: string
  /** Other names of the same neighbour, in releases that call it differently; the first that is a Service's is asked. */
  readonly names: readonly string[]
  /** It is only made now and then: one in so many. */
  readonly every: number
  /** Paths of requests that it is made for; with `/` at the end all below. Empty: every request. */
  readonly paths: readonly string[]
  /** The program can do without it: its failure is no failure. */
  readonly optional: boolean
}

interface Known {
  readonly image: RegExp
  /** `paths > neighbours`. A neighbour is `name|name:port` or `$VARIABLE`, with `?` it can be done without, with `/5` it is asked one time in five. */
  readonly asks: readonly string[]
}

/** Applications that know their neighbours by heart, or ask by path. Read from their sources. */
const known: readonly Known[] = [
  { image: /(^|\/)(gb-frontend|guestbook)$/, asks: ['redis-follower|redis-replica|redis-slave:6379 redis-leader|redis-master:6379/5'] },
  { image: /examplevotingapp_vote$/, asks: ['redis:6379'] },
  { image: /examplevotingapp_result$/, asks: ['db:5432'] },
  { image: /(^|\/)wordpress$/, asks: ['$WORDPRESS_DB_HOST:3306'] },
  {
    image: /microservices-demo\/frontend$/,
    asks: [
      '/ > $CURRENCY_SERVICE_ADDR $PRODUCT_CATALOG_SERVICE_ADDR $CART_SERVICE_ADDR $AD_SERVICE_ADDR?',
      '/product/ > $PRODUCT_CATALOG_SERVICE_ADDR $CURRENCY_SERVICE_ADDR $CART_SERVICE_ADDR $RECOMMENDATION_SERVICE_ADDR? $AD_SERVICE_ADDR?',
      '/cart > $CURRENCY_SERVICE_ADDR $CART_SERVICE_ADDR $RECOMMENDATION_SERVICE_ADDR? $SHIPPING_SERVICE_ADDR $PRODUCT_CATALOG_SERVICE_ADDR',
      '/cart/checkout > $CHECKOUT_SERVICE_ADDR $RECOMMENDATION_SERVICE_ADDR? $CURRENCY_SERVICE_ADDR',
    ],
  },
  {
    image: /weaveworksdemos\/front-end$/,
    asks: ['/ > session-db:6379', '/catalogue > catalogue:80', '/catalogue/ > catalogue:80', '/cart > session-db:6379 carts:80', '/orders > session-db:6379 orders:80', '/login > user:80 carts:80', '/customers > user:80'],
  },
  { image: /weaveworksdemos\/catalogue$/, asks: ['catalogue-db:3306'] },
  { image: /weaveworksdemos\/carts$/, asks: ['carts-db:27017'] },
  { image: /weaveworksdemos\/user$/, asks: ['user-db:27017'] },
  { image: /weaveworksdemos\/orders$/, asks: ['user:80 carts:80 payment:80 shipping:80 orders-db:27017'] },
  { image: /weaveworksdemos\/shipping$/, asks: ['rabbitmq:5672'] },
]

/** Most calls that one request leads to directly. */
const mostCalls = 40

const none: readonly Call[] = Object.freeze([])

/** Whom a program of this image calls: what is known of it, else what its settings say (`CART_SERVICE_ADDR`, `REDIS_ADDR`, `CATALOGUE_URL`). */
export function callsOf({ repository }: ImageName, env: Readonly<Record<string, string>>): readonly Call[] {
  const own = known.find((k) => k.image.test(repository))
  if (own) return Object.freeze(own.asks.flatMap((line) => readAsk(line, env)))
  const calls: Call[] = []
  for (const name of Object.keys(env).sort()) {
    const value = env[name] ?? ''
    // The variables that the kubelet adds for services end with _PORT_80_TCP_ADDR: those are no settings.
    if (value === '' || /_PORT_\d+_(TCP|UDP|SCTP)_ADDR$/.test(name) || !/_(ADDR|URL|UPSTREAM|ENDPOINT)$/.test(name)) continue
    if (/^([a-z]+:\/\/)?[\w.-]+(:\d+)?(\/\S*)?$/i.test(value) && calls.length < mostCalls) calls.push({ to: value, names: [], every: 1, paths: [], optional: false })
  }
  return calls.length === 0 ? none : Object.freeze(calls)
}

function readAsk(line: string, env: Readonly<Record<string, string>>): readonly Call[] {
  const at = line.indexOf(' > ')
  const paths = at < 0 ? [] : [line.slice(0, at)]
  return (at < 0 ? line : line.slice(at + 3)).split(' ').flatMap((word): readonly Call[] => {
    const [, text = '', , every = '1', optional] = /^(\$?[\w.|-]+(:\d+)?)(?:\/(\d+))?(\?)?$/.exec(word) ?? []
    const [names = '', port] = text.split(':')
    const to = names.startsWith('$') ? (env[names.slice(1)] ?? '') : ''
    if (names.startsWith('$') && to === '') return []
    const list = names.startsWith('$') ? [] : names.split('|')
    const tail = port === undefined ? '' : `:${port}`
    return [Object.freeze({ to: to === '' ? `${list[0] as string}${tail}` : to.includes(':') ? to : `${to}${tail}`, names: list.slice(1).map((n) => n + tail), every: Number(every), paths, optional: optional !== undefined })]
  })
}
