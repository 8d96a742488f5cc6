using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Text;

namespace CiliumLab.Tests.Cmdlets;

/// <summary>A real PowerShell engine with the packaged module imported, as at a prompt of 120 columns.</summary>
internal sealed class Prompt : IDisposable
{
    private readonly ScreenHost _host = new();
    private readonly Runspace _runspace;

    public Prompt()
    {
        var state = InitialSessionState.CreateDefault2();
        state.ImportPSModule([Repository.Module]);
        _runspace = RunspaceFactory.CreateRunspace(_host, state);
        _runspace.Open();
    }

    public Runspace Runspace => _runspace;

    /// <summary>Runs a line and returns what came out, errors and all.</summary>
    public Outcome Run(string script, params object?[] arguments)
    {
        using var shell = System.Management.Automation.PowerShell.Create(_runspace);
        shell.AddScript(script);
        foreach (var argument in arguments)
            shell.AddArgument(argument);
        ErrorRecord? terminating = null;
        var output = new List<PSObject>();
        try
        {
            output.AddRange(shell.Invoke());
        }
        catch (RuntimeException error)
        {
            terminating = error.ErrorRecord;
        }

        return new Outcome(
            output,
            terminating is null ? [.. shell.Streams.Error] : [.. shell.Streams.Error, terminating],
            [.. shell.Streams.Warning.Select(warning => warning.Message)],
            [.. shell.Streams.Verbose.Select(verbose => verbose.Message)]);
    }

    /// <summary>Runs a line and returns the objects; any error fails the test.</summary>
    public IReadOnlyList<PSObject> Get(string script, params object?[] arguments)
    {
        var outcome = Run(script, arguments);
        Assert.True(outcome.Errors.Count == 0, string.Join("\n", outcome.Errors.Select(error => $"{error.FullyQualifiedErrorId}: {error}")));
        return outcome.Output;
    }

    /// <summary>Runs a line and returns what the formatter puts on the screen.</summary>
    public string Show(string script, params object?[] arguments)
    {
        _host.Screen.Clear();
        using var shell = System.Management.Automation.PowerShell.Create(_runspace);
        shell.AddScript(script);
        foreach (var argument in arguments)
            shell.AddArgument(argument);
        shell.AddCommand("Out-Default");
        shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        shell.Invoke();
        return _host.Screen.ToString();
    }

    /// <summary>What Tab offers at the end of a line.</summary>
    public IReadOnlyList<string> Complete(string line)
    {
        using var shell = System.Management.Automation.PowerShell.Create(_runspace);
        return [.. CommandCompletion.CompleteInput(line, line.Length, new Hashtable(), shell).CompletionMatches.Select(match => match.CompletionText)];
    }

    public void Dispose() => _runspace.Dispose();

    private sealed class ScreenHost : PSHost
    {
        private readonly ScreenInterface _ui = new();

        public StringBuilder Screen => _ui.Screen;

        public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

        public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

        public override Guid InstanceId { get; } = Guid.NewGuid();

        public override string Name => "CiliumLab.Tests";

        public override PSHostUserInterface UI => _ui;

        public override Version Version => new(1, 0);

        public override void EnterNestedPrompt() => throw new NotSupportedException();

        public override void ExitNestedPrompt() => throw new NotSupportedException();

        public override void NotifyBeginApplication()
        {
        }

        public override void NotifyEndApplication()
        {
        }

        public override void SetShouldExit(int exitCode)
        {
        }
    }

    private sealed class ScreenInterface : PSHostUserInterface
    {
        public StringBuilder Screen { get; } = new();

        public override PSHostRawUserInterface RawUI { get; } = new Screen120();

        public override Dictionary<string, PSObject> Prompt(
            string caption, string message, System.Collections.ObjectModel.Collection<FieldDescription> descriptions) =>
            throw new NotSupportedException();

        public override int PromptForChoice(
            string caption, string message, System.Collections.ObjectModel.Collection<ChoiceDescription> choices, int defaultChoice) =>
            throw new NotSupportedException();

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
            throw new NotSupportedException();

        public override PSCredential PromptForCredential(
            string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
            throw new NotSupportedException();

        public override string ReadLine() => throw new NotSupportedException();

        public override System.Security.SecureString ReadLineAsSecureString() => throw new NotSupportedException();

        public override void Write(string value) => Screen.Append(value);

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Screen.Append(value);

        public override void WriteDebugLine(string message) => Screen.Append("DEBUG: ").AppendLine(message);

        public override void WriteErrorLine(string value) => Screen.AppendLine(value);

        public override void WriteLine(string value) => Screen.AppendLine(value);

        public override void WriteProgress(long sourceId, ProgressRecord record)
        {
        }

        public override void WriteVerboseLine(string message) => Screen.Append("VERBOSE: ").AppendLine(message);

        public override void WriteWarningLine(string message) => Screen.Append("WARNING: ").AppendLine(message);
    }

    private sealed class Screen120 : PSHostRawUserInterface
    {
        public override ConsoleColor BackgroundColor { get; set; }

        public override Size BufferSize { get; set; } = new(120, 50);

        public override Coordinates CursorPosition { get; set; }

        public override int CursorSize { get; set; }

        public override ConsoleColor ForegroundColor { get; set; }

        public override bool KeyAvailable => false;

        public override Size MaxPhysicalWindowSize => new(120, 50);

        public override Size MaxWindowSize => new(120, 50);

        public override Coordinates WindowPosition { get; set; }

        public override Size WindowSize { get; set; } = new(120, 50);

        public override string WindowTitle { get; set; } = "";

        public override void FlushInputBuffer()
        {
        }

        public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException();

        public override KeyInfo ReadKey(ReadKeyOptions options) => throw new NotSupportedException();

        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) => throw new NotSupportedException();

        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw new NotSupportedException();

        public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw new NotSupportedException();
    }
}

/// <summary>Everything that a line wrote.</summary>
internal sealed record Outcome(
    IReadOnlyList<PSObject> Output,
    IReadOnlyList<ErrorRecord> Errors,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Verbose);
