import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createAppRouter } from './router.tsx';
import { startLanguage } from './ui/language.ts';
import { leaveNothingBehind } from './ui/leave.ts';
import { createQueries } from './ui/queries.ts';
import './ui/theme/theme.css';

const queries = createQueries();
leaveNothingBehind(queries);
await startLanguage();

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={createAppRouter()} />
    </QueryClientProvider>
  </StrictMode>,
);
