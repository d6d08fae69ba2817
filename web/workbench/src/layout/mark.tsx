import { useInstallationName } from "../data/installation";

/** The installation's name behind the mark: three layers that come together into one. */
export function Mark() {
  const name = useInstallationName();
  return (
    <span className="mark">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="7" fill="#0b5cad" />
        <path d="M7 12l9-5 9 5-9 5z" fill="#fff" />
        <path d="M7 16.5l9 5 9-5M7 21l9 5 9-5" fill="none" stroke="#fff" strokeWidth="2.2" strokeLinejoin="round" />
      </svg>
      <span className="mark-name" title={name}>
        {name}
      </span>
    </span>
  );
}
