/** The sign of the house. */
export function Logo() {
  return (
    <svg viewBox="0 0 16 16" width="20" height="20" className="text-accent" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d="M8 1.5 13.8 4.8v6.4L8 14.5 2.2 11.2V4.8z" />
      <path d="M10.6 6.2A3.2 3.2 0 1 0 11.2 8" />
      <path d="M11 4.4v2h-2" />
    </svg>
  )
}
