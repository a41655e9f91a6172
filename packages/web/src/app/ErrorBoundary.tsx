import { TriangleAlert } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';

/** In place of a blank page when rendering fails. React logs the error to the console. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="flex h-full items-center justify-center">
        <EmptyState
          icon={<TriangleAlert size={26} />}
          title="Something went wrong"
          actions={<Button onClick={() => location.reload()}>Reload</Button>}
        >
          This page could not be shown. Messages you have written are kept.
        </EmptyState>
      </main>
    );
  }
}
