// What is shown instead of a page that broke, which is a fault of ours.

import { Component, type ReactNode } from "react";

export class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return (
      <div className="notice" role="alert">
        <p>
          <strong>This page broke.</strong> That is a fault of its program, not of yours.
        </p>
        <button type="button" onClick={() => window.location.reload()}>
          Load it again
        </button>
      </div>
    );
  }
}
