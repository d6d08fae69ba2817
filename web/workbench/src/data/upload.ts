import { api, ask, askWhole, type Schemas } from "../../../shared/api";
import { asTrouble } from "../../../shared/trouble";

export type Upload = Schemas["Upload"];
export type Batch = Schemas["Batch"];
export type Kind = Batch["kind"];

export const partBytes = 4 << 20;
const patience = 6;
const pauseMs = 800;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends one part; where the server is elsewhere in the file, it says so and that is where it goes on. */
async function sendPart(upload: string, offset: number, part: Blob): Promise<number> {
  try {
    const { response } = await askWhole(
      api.PATCH("/api/v1/uploads/{upload}", {
        params: { path: { upload }, header: { "Upload-Offset": String(offset) } },
        body: part as unknown as string,
        bodySerializer: (body: unknown) => body as Blob,
        headers: { "Content-Type": "application/octet-stream" },
      }),
    );
    return Number(response.headers.get("Upload-Offset") ?? offset + part.size);
  } catch (error) {
    const trouble = asTrouble(error);
    const told = (trouble.problem as { offset?: number } | undefined)?.offset;
    if (trouble.status === 409 && told !== undefined && told !== offset) return told;
    throw error;
  }
}

/** Whether the same request may go through in a moment: a lost network, a busy server. */
function passing(error: unknown): boolean {
  return asTrouble(error).passing;
}

export type Sending = {
  dataset: string;
  batch: string;
  kind: Kind;
  file: File;
  /** Is told how many bytes the server has for good. */
  onProgress: (sent: number) => void;
  signal: AbortSignal;
};

export type Sent = { upload?: Upload; earlier?: Batch };

/** Sends a file in parts. A lost network is waited for; pressed again later, also after the page was closed, it goes on
 * where it was. */
export async function sendFile(sending: Sending): Promise<Sent> {
  const { dataset, batch, kind, file, onProgress, signal } = sending;
  const begun = await ask(
    api.POST("/api/v1/catalog/datasets/{dataset}/uploads", {
      params: { path: { dataset } },
      body: { batch, kind, name: file.name, bytes: file.size },
    }),
  );
  if (!("upload" in begun)) return { earlier: begun.earlier };
  const { upload } = begun;
  let offset = upload.offset;
  onProgress(offset);
  for (let failures = 0; offset < file.size; ) {
    signal.throwIfAborted();
    try {
      offset = await sendPart(upload.id, offset, file.slice(offset, offset + partBytes));
      failures = 0;
      onProgress(offset);
    } catch (error) {
      if (!passing(error) || ++failures > patience) throw error;
      await pause(pauseMs * 2 ** failures);
    }
  }
  signal.throwIfAborted();
  return { upload: await ask(api.POST("/api/v1/uploads/{upload}/completion", closing(upload.id))) };
}

function closing(upload: string) {
  return { params: { path: { upload } }, body: {} };
}

/** What becomes of a batch that is being checked: the batch, or why it was not taken. Looks now and then. */
export async function landed(
  upload: string,
  signal: AbortSignal,
  lookMs: number,
): Promise<{ batch: Batch } | { error: string; hint?: string }> {
  for (let nowhere = 0; ; ) {
    signal.throwIfAborted();
    try {
      return { batch: await ask(api.GET("/api/v1/batches/{batch}", { params: { path: { batch: upload } } })) };
    } catch (error) {
      if (asTrouble(error).status !== 404 && !passing(error)) throw error;
    }
    const waiting = await ask(api.GET("/api/v1/uploads/{upload}", { params: { path: { upload } } })).catch((error) => {
      // Between the two questions it may have landed; what is neither here nor there was given up by somebody.
      if (passing(error) || (asTrouble(error).status === 404 && ++nowhere < 3)) return undefined;
      throw error;
    });
    if (waiting?.state === "failed") return { error: waiting.error ?? "", hint: waiting.hint };
    await pause(lookMs);
  }
}
