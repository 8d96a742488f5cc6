using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using CiliumLab.Host.Terminal;
using Microsoft.PowerShell;
using Shell = System.Management.Automation.PowerShell;

namespace CiliumLab.Host;

/// <summary>A runspace on this terminal: runs commands and files in it and knows the exit code that they ended with.</summary>
internal sealed class HostSession : IDisposable
{
    private const string Succeeded = "CiliumLabHostSucceeded";

    private readonly TerminalHost _host;
    private readonly Interrupt _interrupt;
    private readonly Runspace _runspace;

    public HostSession(Interrupt interrupt, bool nonInteractive)
    {
        _interrupt = interrupt;
        _host = new TerminalHost(interrupt, nonInteractive);
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
            state.ExecutionPolicy = ExecutionPolicy.RemoteSigned;
        _runspace = RunspaceFactory.CreateRunspace(_host, state);
        _runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        _runspace.Open();
        Runspace.DefaultRunspace = _runspace;
        if (!_host.Interface.SupportsVirtualTerminal)
            PSStyle.Instance.OutputRendering = OutputRendering.PlainText;
    }

    /// <summary>Where lines are read from.</summary>
    public TerminalInput Input => _host.Input;

    /// <summary>What interrupts this session.</summary>
    public Interrupt Interrupt => _interrupt;

    /// <summary>The exit code that a script asked for with <c>exit</c>; null while none did.</summary>
    public int? RequestedExit => _host.RequestedExit;

    /// <summary>Writes to the terminal's streams.</summary>
    public TerminalInterface Interface => _host.Interface;

    /// <summary>Imports the module; false, with an error on the screen, when that fails.</summary>
    public bool Import(string manifest)
    {
        if (!File.Exists(manifest))
        {
            Interface.WriteErrorLine(
                $"There is no module at {manifest}. Build it with ./build.sh, name another with CILIUMLAB_MODULE, or run with -NoModule.");
            return false;
        }

        return Run(shell => shell
            .AddCommand("Import-Module")
            .AddParameter("Name", Path.GetFullPath(manifest))
            .AddParameter("ErrorAction", "Stop"));
    }

    /// <summary>Runs a script file with its arguments.</summary>
    public int RunFile(string path, IEnumerable<string> arguments)
    {
        var file = Path.GetFullPath(path);
        if (!File.Exists(file))
        {
            Interface.WriteErrorLine($"There is no script {path}.");
            return 1;
        }

        // "exit N" in a file ends only the file; it leaves N in $LASTEXITCODE and false in $?. A file's errors leave $? true.
        return Judge(
            ScriptCall.Text(file, arguments),
            () => _runspace.SessionStateProxy.GetVariable("LASTEXITCODE") is int code ? code : 1);
    }

    /// <summary>Runs a text; the exit code follows <c>$?</c> of its last statement.</summary>
    public int RunCommand(string text) => Judge(text, () => 1);

    /// <summary>Runs one line of a prompt.</summary>
    public bool RunLine(string text) =>
        Run(shell => shell.AddScript(text, useLocalScope: false), new PSInvocationSettings { AddToHistory = true });

    /// <summary>Runs something whose output is wanted here and not on the screen.</summary>
    public IReadOnlyList<PSObject> Get(string text)
    {
        using var shell = Shell.Create(_runspace);
        return shell.AddScript(text).Invoke();
    }

    public void Dispose()
    {
        _host.Interface.Progress.Clear();
        _runspace.Dispose();
    }

    private bool Run(Action<Shell> describe, PSInvocationSettings? settings = null)
    {
        using var shell = Shell.Create(_runspace);
        describe(shell);
        shell.AddCommand("Out-Default");
        shell.Commands.Commands[^1].MergeUnclaimedPreviousCommandResults = PipelineResultTypes.Error | PipelineResultTypes.Output;
        using var stopping = _interrupt.Token.Register(() => shell.BeginStop(null, null));
        try
        {
            shell.Invoke(null, settings);
            return true;
        }
        catch (PipelineStoppedException)
        {
            return false;
        }
        catch (RuntimeException error)
        {
            ShowError(error.ErrorRecord);
            return false;
        }
        finally
        {
            _host.Interface.Progress.Clear();
        }
    }

    // Written as an error of a command, because only that takes the formatter's way to the error stream; $Error has it already.
    private void ShowError(ErrorRecord error)
    {
        using var shell = Shell.Create(_runspace);
        shell.AddScript("[CmdletBinding()] param($Record) $PSCmdlet.WriteError($Record); $Error.RemoveAt(0)", useLocalScope: true)
            .AddParameter("Record", error)
            .AddParameter("ErrorAction", ActionPreference.Continue);
        shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        shell.AddCommand("Out-Default").Invoke();
    }

    // Once the pipeline has ended, $? is about the pipeline and no longer about its last statement: it is kept before.
    private int Judge(string text, Func<int> whenNotSucceeded)
    {
        var block = Parser.ParseInput(text, out _, out _);
        var whole = block.EndBlock is { Unnamed: true } ? $"{text}\n$global:{Succeeded} = $?" : text;
        var ended = Run(shell => shell.AddScript(whole, useLocalScope: false));
        if ((_interrupt.ExitCode ?? RequestedExit) is { } code)
            return code;
        if (!ended)
            return 1;
        return _runspace.SessionStateProxy.GetVariable(Succeeded) is false ? whenNotSucceeded() : 0;
    }
}
