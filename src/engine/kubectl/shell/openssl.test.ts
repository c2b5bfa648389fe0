import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { TestShell } from '../kubectl.testing'

test('a key and a request for a user', () => {
  const t = new TestShell()
  expect(t.run("openssl genrsa -out jane.key 2048 && openssl req -new -key jane.key -out jane.csr -subj '/CN=jane/O=dev/O=ops' && openssl req -in jane.csr -noout -subject")).toEqual({ rc: 0, stdout: 'subject=CN = jane, O = dev, O = ops\n', stderr: '' })
  expect(createPrivateKey(t.run('cat jane.key').stdout).asymmetricKeyDetails).toMatchObject({ modulusLength: 2048, publicExponent: 65537n })
  // The cluster reads the same request.
  expect(t.run("kubectl apply -f - <<EOF\napiVersion: certificates.k8s.io/v1\nkind: CertificateSigningRequest\nmetadata:\n  name: jane\nspec:\n  request: $(base64 -w0 jane.csr)\n  signerName: kubernetes.io/kube-apiserver-client\n  usages: [client auth]\nEOF\nkubectl describe csr jane").stdout).toMatch(/Subject:\s+Common Name:\s+jane\n[^]*Organization:\s+dev\n\s+ops\n/)
})

test('a certificate for an Ingress, signed with its own key', () => {
  const t = new TestShell()
  t.run("openssl req -x509 -nodes -days 365 -newkey rsa:2048 -keyout tls.key -out tls.crt -subj '/CN=a.example/O=dev' -addext 'subjectAltName = DNS:a.example, IP:10.0.0.1'")
  const text = t.run('cat tls.crt').stdout
  const read = new X509Certificate(text)
  expect(read.subject).toBe('CN=a.example\nO=dev')
  expect(read.subjectAltName).toBe('DNS:a.example, IP Address:10.0.0.1')
  expect((Date.parse(read.validTo) - Date.parse(read.validFrom)) / 86_400_000).toBe(365)
  expect(read.publicKey.equals(createPublicKey(t.run('cat tls.key').stdout))).toBe(true)
  const told = t.run('openssl x509 -in tls.crt -noout -enddate -issuer -serial').stdout
  expect(told).toMatch(new RegExp(`^notAfter=\\w{3} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\d{4} GMT\nissuer=CN = a.example, O = dev\nserial=${read.serialNumber}\n$`))
  expect(t.run('cat tls.crt | openssl x509 -noout -text').stdout).toContain('                DNS:a.example, IP Address:10.0.0.1\n')
  expect(t.run('openssl x509 -in tls.crt -noout -checkend 3600').stdout).toBe('Certificate will not expire\n')
  expect(t.run('openssl x509 -in tls.crt -noout -checkend 99999999')).toMatchObject({ rc: 1, stdout: 'Certificate will expire\n' })
  expect(t.run('kubectl create secret tls t --cert=tls.crt --key=tls.key').stdout).toBe('secret/t created\n')
})

test('what cannot be is said and writes nothing', () => {
  const t = new TestShell()
  const words = (line: string): string => t.run(line).stderr
  expect(words('openssl foo')).toBe('Invalid command \'foo\'; type "help" for a list.\n')
  expect(words('openssl x509 -in nope -noout')).toBe('Could not open file or uri for loading certificate from nope\nUnable to load certificate\n')
  expect(words('openssl genrsa -out k x')).toBe('genrsa: Can\'t parse "x" as a number\n')
  expect(words('openssl genrsa > k; openssl x509 -in k -noout')).toContain('Could not read certificate from k\n')
  expect(words('openssl req -new -key k -out r')).toContain('-subj')
  expect(words('openssl req -new -key k -out r -subj CN=x')).toContain("This name is not in that format: 'CN=x'\n")
  expect(words('openssl req -new -key k -out r -subj /XX=x')).toBe("req: Unknown attribute name 'XX' in subject name string\n")
  expect(words('echo x > e; openssl req -new -key e -out r -subj /CN=x')).toContain('Could not read private key from e\n')
  expect(words('cat r')).toBe('cat: r: No such file or directory\n')
  for (const junk of ['-----BEGIN CERTIFICATE-----\nMIIC6zCCAdOgAwIB\n-----END CERTIFICATE-----', '-----BEGIN CERTIFICATE-----\n////\n-----END CERTIFICATE-----', '-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----'])
    expect(t.run(`printf '${junk}' > j; openssl x509 -in j -noout -text; openssl req -in j -noout -text`).rc).toBe(1)
})
