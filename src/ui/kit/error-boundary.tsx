import { Component, type ReactNode } from 'react'
import { Button } from './button'

/** Keeps the rest of the page when a part of it cannot be drawn, says so, and lets one try again. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode; readonly what: string }, { readonly error: string | null }> {
  override state: { readonly error: string | null } = { error: null }

  static getDerivedStateFromError(error: unknown): { readonly error: string } {
    return { error: error instanceof Error ? error.message : String(error) }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === null) return this.props.children
    return (
      <div role="alert" className="flex flex-col items-start gap-2 p-3 text-12">
        <p><b className="font-semibold">{this.props.what} cannot be drawn.</b> <span className="text-text2">This is a mistake of the page, not of the cluster. {error}</span></p>
        <Button size="sm" onClick={() => this.setState({ error: null })}>Try again</Button>
      </div>
    )
  }
}
