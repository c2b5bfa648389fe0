/** Most bytes that kube-apiserver takes in one request. Upstream: apiserver/pkg/server/config.go MaxRequestBodyBytes. */
export const mostBytes = 3 * 1024 * 1024

/** Size of a text as it would be sent. Units: bytes. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}

/** Why a text of this size is not sent; null when it is. */
export function refusalOf(bytes: number): string | null {
  return bytes <= mostBytes ? null : `the request is too large: ${(bytes / 1024 / 1024).toFixed(1)} MiB; kube-apiserver takes at most 3 MiB`
}
