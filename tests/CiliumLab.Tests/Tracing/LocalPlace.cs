using System.Diagnostics;
using CiliumLab.Engine.Nodes;

namespace CiliumLab.Tests.Tracing;

/// <summary>This machine as a place where commands run, as they are, with its real tools.</summary>
internal sealed class LocalPlace : ICommandRunner
{
    public string Node => "local";

    public string Place => "this machine";

    public string ByHand(NodeCommand command) => ShellQuoting.Join(command.Arguments);

    public Task<IRunningCommand> StartAsync(NodeCommand command, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("/usr/bin/env", command.Arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        return Task.FromResult<IRunningCommand>(new Running(Process.Start(start)!, command.ReadsError, cancellationToken));
    }

    private sealed class Running : IRunningCommand
    {
        private readonly Process _process;
        private readonly Task<string> _beside;
        private readonly CancellationTokenRegistration _cancelled;

        public Running(Process process, bool readsError, CancellationToken cancellationToken)
        {
            _process = process;
            (Output, var beside) = readsError ? (process.StandardError.BaseStream, process.StandardOutput) : (process.StandardOutput.BaseStream, process.StandardError);
            _beside = beside.ReadToEndAsync(CancellationToken.None);
            _cancelled = cancellationToken.Register(End);
        }

        public Stream Output { get; }

        public async Task<CommandExit> WaitAsync()
        {
            await _process.WaitForExitAsync(CancellationToken.None);
            return new CommandExit(_process.ExitCode, await _beside);
        }

        public async ValueTask DisposeAsync()
        {
            End();
            await _process.WaitForExitAsync(CancellationToken.None);
            await _cancelled.DisposeAsync();
            _process.Dispose();
        }

        private void End()
        {
            if (!_process.HasExited)
                Process.Start("kill", ["-TERM", $"{_process.Id}"]).WaitForExit();
        }
    }
}
