/** Gives each intention one key: the same content keeps its key over every retry, so that a write whose answer was lost
 * happens once; changed content is another intention, and so is the same content after it was done. */
export class Intention {
  #content = "";
  #key = "";

  keyFor(content: unknown): string {
    const text = JSON.stringify(content);
    if (this.#key === "" || text !== this.#content) {
      this.#content = text;
      this.#key = crypto.randomUUID();
    }
    return this.#key;
  }

  done(): void {
    this.#key = "";
  }
}
