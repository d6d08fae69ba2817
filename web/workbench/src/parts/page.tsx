import { LoadingOutlined } from "@ant-design/icons";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { titleOf, useInstallationName } from "../data/installation";
import { ProblemView } from "./problem_view";

/** A page's heading and frame. The heading takes the focus when the page opens, so that a screen reader says where one
 * is; fields that want the focus themselves say so. */
export function PageFrame(props: {
  title: string;
  lead?: string;
  extra?: ReactNode;
  children: ReactNode;
  quiet?: boolean;
}) {
  const installation = useInstallationName();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = titleOf(props.title, installation);
  }, [props.title, installation]);
  useEffect(() => {
    if (!props.quiet) heading.current?.focus({ preventScroll: true });
  }, [props.quiet]);
  return (
    <div className="page">
      <header className="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {props.title}
          </h1>
          {props.lead && <p className="lead">{props.lead}</p>}
        </div>
        {props.extra && <div className="page-extra">{props.extra}</div>}
      </header>
      {props.children}
    </div>
  );
}

export function Card(props: { title?: string; extra?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <section className={`card ${props.className ?? ""}`}>
      {props.title && (
        <div className="card-head">
          <h2>{props.title}</h2>
          {props.extra}
        </div>
      )}
      {props.children}
    </section>
  );
}

export function Loading(props: { text?: string }) {
  const { t } = useTranslation();
  return (
    <div className="loading" role="status">
      <LoadingOutlined aria-hidden /> {props.text ?? t("app.loading")}
    </div>
  );
}

/** Nothing is there, why, and what to do. */
export function Empty(props: { title: string; hint?: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <strong>{props.title}</strong>
      {props.hint && <p>{props.hint}</p>}
      {props.children}
    </div>
  );
}

type Asked = { isPending: boolean; error: unknown; data?: unknown; refetch: () => unknown };

/** Shows what a query brought, or why it did not. */
export function Answered(props: { of: Asked; children: ReactNode }) {
  if (props.of.data !== undefined) return props.children;
  if (props.of.error) return <ProblemView error={props.of.error} onRetry={() => props.of.refetch()} />;
  return <Loading />;
}
