import { useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { api, ask, type Session, setCsrf } from "../../../shared/api";
import { asTrouble } from "../../../shared/trouble";
import { client } from "./client";

export const sessionKey = ["session"];

/** Takes a session over that an answer brought: its CSRF token goes into memory, and all that show it follow. */
export function keepSession(session: Session | null): Session | null {
  setCsrf(session?.csrf ?? "");
  client.setQueryData(sessionKey, session);
  return session;
}

async function fetchSession(): Promise<Session | null> {
  try {
    const session = await ask(api.GET("/api/v1/session"));
    setCsrf(session.csrf);
    return session;
  } catch (error) {
    if (asTrouble(error).signedOut) return null;
    throw error;
  }
}

export function useSessionQuery() {
  return useQuery({ queryKey: sessionKey, queryFn: fetchSession, gcTime: Number.POSITIVE_INFINITY });
}

export const SessionContext = createContext<Session | null>(null);

/** Who is signed in. Only below the shell, which shows itself to nobody else. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("no session");
  return session;
}

/** Whether at least one post opens this. For menus: the server decides by itself. */
export function may(session: Session, action: string, resource: string): boolean {
  return (session.may ?? []).includes(`${action}:${resource}`);
}

export async function signOut(everywhere: boolean): Promise<void> {
  await ask(api.DELETE("/api/v1/session", { params: { query: { everywhere } } }));
}
