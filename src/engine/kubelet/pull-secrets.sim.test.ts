import { describe, expect, test } from 'vitest'
import type { Pod } from '../api'
import type { KubeObject } from '../apimachinery'
import { Terminal } from '../cluster/terminal.testing'

const pod = (image: string, secrets: readonly string[]) => `apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{name: c, image: "${image}"}], imagePullSecrets: [${secrets.map((name) => `{name: ${name}}`).join(', ')}]}
`
const state = (t: Terminal) => t.object<Pod & KubeObject>('pods', 'default', 'p')?.status?.containerStatuses?.[0]?.state

describe('secrets for pulling images', () => {
  test('that are not there are told of, and the image is pulled all the same', () => {
    const t = new Terminal()
    t.type('kubectl apply -f -', pod('nginx:1.25', ['regcred', 'other']))
    t.run(15)
    expect(t.events('p')).toContain('FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (regcred, other); attempting to pull the image may not succeed.')
    expect(state(t)?.running).toBeDefined()
  })

  test('open a private image', () => {
    const t = new Terminal()
    t.type('kubectl apply -f -', pod('janedoe/jdoe-private:v1', ['regcred']))
    t.run(15)
    expect(state(t)?.waiting?.reason).toMatch(/ErrImagePull|ImagePullBackOff/)
    expect(t.events('p').join('\n')).toContain('Failed to pull image "janedoe/jdoe-private:v1": rpc error: code = Unknown desc = failed to pull and unpack image "docker.io/janedoe/jdoe-private:v1": failed to resolve reference "docker.io/janedoe/jdoe-private:v1": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed')
    t.type('kubectl create secret docker-registry regcred --docker-server=registry.example.com --docker-username=jane --docker-password=x')
    t.run(60)
    expect(state(t)?.waiting).toBeDefined()
    t.type('kubectl delete secret regcred')
    t.type('kubectl create secret docker-registry regcred --docker-username=jane --docker-password=x --docker-email=jane@example.com')
    t.run(120)
    expect(state(t)?.running).toBeDefined()
  })

  test('may come from the service account', () => {
    const t = new Terminal()
    t.type('kubectl create secret docker-registry regcred --docker-server=private.example.com:5000 --docker-username=jane --docker-password=x')
    t.type(`kubectl patch serviceaccount default -p '{"imagePullSecrets":[{"name":"regcred"}]}'`)
    t.type('kubectl run p --image=private.example.com:5000/app:1')
    t.run(15)
    expect(state(t)?.running).toBeDefined()
  })
})
