// Talks with a child process in messages: one question, one answer of an expected type, within a time.

import type { ChildProcess } from 'node:child_process';

export class Conversation<To extends { readonly type: string }, From extends { readonly type: string }> {
  readonly child: ChildProcess;

  constructor(child: ChildProcess) {
    this.child = child;
  }

  tell(message: To): void {
    this.child.send(message);
  }

  /** Rejects where the child ends first, or says nothing of `type` within `withinMs`. */
  ask<Type extends From['type']>(
    message: To,
    type: Type,
    withinMs: number,
  ): Promise<Extract<From, { readonly type: Type }>> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(deadline);
        this.child.off('message', take);
        this.child.off('exit', fail);
      };
      const take = (answer: From): void => {
        if (!isOfType(answer, type)) return;
        finish();
        resolve(answer);
      };
      const fail = (): void => {
        finish();
        reject(new Error(`the process asked to ${message.type} ended instead`));
      };
      const deadline = setTimeout(() => {
        finish();
        reject(new Error(`no "${type}" within ${withinMs} ms of being asked to ${message.type}`));
      }, withinMs);
      this.child.on('message', take);
      this.child.once('exit', fail);
      this.tell(message);
    });
  }
}

function isOfType<From extends { readonly type: string }, Type extends From['type']>(
  message: From,
  type: Type,
): message is Extract<From, { readonly type: Type }> {
  return message.type === type;
}
