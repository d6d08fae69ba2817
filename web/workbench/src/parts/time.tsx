import { formatTime, zoneName } from "../../../shared/format";
import { useSettings } from "../settings";

/** A moment in the reader's zone. */
export function Time(props: { at: string | undefined }) {
  const { language } = useSettings();
  if (!props.at) return null;
  return (
    <time dateTime={props.at} title={`${props.at} · ${zoneName()}`} className="nowrap">
      {formatTime(props.at, language)}
    </time>
  );
}
