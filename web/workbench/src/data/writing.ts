import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { Intention } from "../../../shared/idempotency";

/** A write under an idempotency key: pressed again after a lost answer it happens once; with other content, or after it
 * was done, it is a new one. */
export function useWrite<V, R>(send: (input: V, key: string) => Promise<R>, onDone?: (result: R, input: V) => void) {
  const intention = useRef<Intention>(null);
  intention.current ??= new Intention();
  return useMutation({
    mutationFn: (input: V) => send(input, (intention.current as Intention).keyFor(input)),
    onSuccess: (result, input) => {
      (intention.current as Intention).done();
      onDone?.(result, input);
    },
  });
}

/** The header that carries the key. */
export function keyed(key: string) {
  return { "Idempotency-Key": key };
}
