using System.Globalization;
using System.Text;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary><c>strace</c> 6.14, for the programs that tell what they ask of the kernel.</summary>
internal sealed class StraceProgram : IContainerProgram
{
    /// <inheritdoc/>
    public async Task<int> RunAsync(ContainerCall call, CancellationToken cancellationToken)
    {
        var options = StraceOptions.Read([.. call.Arguments.Skip(1)]);
        if ((options.Complaint ?? Refusal(call, options)) is { } complaint)
            return await call.ComplainAsync(complaint, 1, cancellationToken).ConfigureAwait(false);
        var name = options.Command[0];
        var image = call.Container.Cluster.Images.Find(call.Container.Spec.Text("image") ?? "");
        if (!image.Programs.TryGetValue(name[(name.LastIndexOf('/') + 1)..], out var program))
        {
            var missing = name.Contains('/', StringComparison.Ordinal) ? $"strace: Can't stat '{name}': No such file or directory" : $"strace: Cannot find executable '{name}'";
            return await call.ComplainAsync(missing, 1, cancellationToken).ConfigureAwait(false);
        }

        return program.TellsCalls
            ? await new Run(call, options).TraceAsync(program, cancellationToken).ConfigureAwait(false)
            : await call.ComplainAsync($"strace: what {name} asks of the kernel is not simulated; curl, cat, echo, sleep, true and false tell it", 1, cancellationToken).ConfigureAwait(false);
    }

    private static string? Refusal(ContainerCall call, StraceOptions options)
    {
        foreach (var word in options.Attached)
        {
            if (!int.TryParse(word, CultureInfo.InvariantCulture, out var id) || id <= 0)
                return $"strace: Invalid process id: '{word}'";
            return id == 1 || call.Container.Processes.Running.Contains(id)
                ? "strace: what a process asks of the kernel is simulated from its start only, not with -p"
                : $"strace: attach: ptrace(PTRACE_SEIZE, {id}): No such process";
        }

        return null;
    }

    /// <summary>One run of it.</summary>
    private sealed class Run(ContainerCall call, StraceOptions options)
    {
        private readonly StraceWriter _text = new(options);
        private readonly List<SystemCallEntry> _calls = [];
        private readonly StringBuilder _written = new();
        private byte[] _file = [];

        public async Task<int> TraceAsync(IContainerProgram program, CancellationToken cancellationToken)
        {
            using var child = call.Container.Processes.Start(cancellationToken);
            var process = new TracedProcess(child.Id, call.Container.Cluster.Clock, call.Container.Cluster.Seed.Fork($"process/{call.Container.Id}/{child.Id}"), call.Terminal)
            {
                Told = Told,
                Showing = ShowAsync,
            };
            int code;
            try
            {
                code = await program.RunAsync(call with { Arguments = options.Command, Process = child, Traced = process }, child.Token).ConfigureAwait(false);
                Event(process, $"+++ exited with {code} +++");
            }
            catch (OperationCanceledException) when (call.Process.Terminated)
            {
                code = ContainerProcess.TerminatedCode;
                await LetGoAsync(process).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (child.Terminated)
            {
                code = ContainerProcess.TerminatedCode;
                if (process.Sleeping is { } sleeping && IsShown(sleeping))
                    _written.Append(_text.Interrupted(sleeping, process.Now));
                if (!options.OnlyCounts)
                    _written.Append(_text.Event(process.Id, process.Now, $"--- SIGTERM {{si_signo=SIGTERM, si_code=SI_USER, si_pid={child.Sender}, si_uid=0}} ---"));
                Event(process, "+++ killed by SIGTERM +++");
            }

            if (options.Counts)
                _written.Append(StraceSummary.Of(_calls, options.SortedBy, options.CountsWaiting));
            await ShowAsync().ConfigureAwait(false);
            return code;
        }

        // strace was ended, not what it traces: it says how far that had come.
        private async Task LetGoAsync(TracedProcess process)
        {
            var open = process.Sleeping is { } sleeping && IsShown(sleeping);
            if (open)
                _written.Append(_text.Open(process.Sleeping!));
            if (options.Path is null)
                await ShowAsync().ConfigureAwait(false);
            if (options.Quiet == 0)
                await call.Error.WriteAsync(Encoding.UTF8.GetBytes($"strace: Process {process.Id} detached\n"), CancellationToken.None).ConfigureAwait(false);
            if (open)
                _written.Append(" <detached ...>\n");
        }

        private bool IsShown(SystemCallEntry entry) => !options.OnlyCounts && (options.Calls is null || options.Calls.Contains(entry.Name));

        private void Told(SystemCallEntry entry)
        {
            if (options.Calls is { } chosen && !chosen.Contains(entry.Name))
                return;
            if (options.Counts)
                _calls.Add(entry);
            if (!options.OnlyCounts)
                _written.Append(_text.Line(entry));
        }

        private void Event(TracedProcess process, string text)
        {
            if (!options.OnlyCounts && options.Quiet < 2)
                _written.Append(_text.Event(process.Id, process.Now, text));
        }

        private async Task ShowAsync()
        {
            if (_written.Length == 0)
                return;
            var bytes = Encoding.UTF8.GetBytes(_written.ToString());
            _written.Clear();
            if (options.Path is null)
            {
                await call.Error.WriteAsync(bytes, CancellationToken.None).ConfigureAwait(false);
                return;
            }

            _file = [.. _file, .. bytes];
            call.Container.Files.Write(options.Path, _file);
        }
    }
}
