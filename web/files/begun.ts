import { useQuery } from '@tanstack/react-query';
import { currentCsrfToken, Refusal, Unreachable } from '../api/ask.ts';
import { type Begun, metadataIn } from './resume.ts';
import { tusBase } from './upload.ts';

/** Null: nothing of it is there. */
export function useBegun(id: string, actingFor: string, asked: boolean) {
  return useQuery({
    queryKey: ['begun', actingFor, id],
    enabled: asked,
    staleTime: 0,
    queryFn: async ({ signal }): Promise<Begun | null> => {
      const headers = { 'tus-resumable': '1.0.0', 'x-acting-for': actingFor, 'x-csrf-token': currentCsrfToken() };
      const answer = await fetch(`${tusBase}/${id}`, { method: 'HEAD', headers, signal }).catch((error: unknown) => {
        if (error instanceof DOMException && error.name === 'AbortError') throw error;
        throw new Unreachable();
      });
      if (answer.status === 404) return null;
      if (!answer.ok) throw new Refusal(answer.status, {});
      const said = metadataIn(answer.headers.get('upload-metadata') ?? '');
      return {
        offset: Number(answer.headers.get('upload-offset') ?? 0),
        length: Number(answer.headers.get('upload-length')),
        fileName: said.get('filename') ?? null,
        lastModified: said.has('lastModified') ? Number(said.get('lastModified')) : null,
      };
    },
  });
}
