import { useTranslation } from "react-i18next";
import { Time } from "./time";

type Term = { due?: string; days_left?: number };

/** How many working days are left of a legal term. */
export function useDueWords() {
  const { t } = useTranslation();
  return (of: Term) => {
    if (of.days_left === undefined) return "";
    if (of.days_left === 0) return t("exchange.today");
    const key = of.days_left > 0 ? "exchange.days_left" : "exchange.overdue";
    return t(key, { count: Math.abs(of.days_left) });
  };
}

export function Due(props: { of: Term }) {
  const words = useDueWords();
  const { of } = props;
  if (!of.due || of.days_left === undefined) return "—";
  return (
    <>
      <span className={`badge ${of.days_left < 0 ? "bad" : "calm"}`}>{words(of)}</span>
      <div className="fine">
        <Time at={of.due} />
      </div>
    </>
  );
}
