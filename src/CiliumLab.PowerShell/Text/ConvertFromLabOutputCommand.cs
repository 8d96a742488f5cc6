using System.Management.Automation;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Text;

/// <summary>ConvertFrom-LabOutput: turns text that a tool printed elsewhere into the objects of the live cmdlets.</summary>
[Cmdlet(VerbsData.ConvertFrom, "LabOutput", DefaultParameterSetName = "InputObject")]
[OutputType(typeof(object))]
public sealed class ConvertFromLabOutputCommand : LabCmdlet
{
    private PipedText? _piped;

    /// <summary>The kind of output, named after the command that prints it.</summary>
    [Parameter(Position = 0, Mandatory = true)]
    public LabOutputKind Kind { get; set; }

    /// <summary>Files that hold the output; wildcards work.</summary>
    [Parameter(Position = 1, Mandatory = true, ParameterSetName = "Path", ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [Alias("FullName")]
    public string[] Path { get; set; } = [];

    /// <summary>The output itself, whole or line by line.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "InputObject", ValueFromPipeline = true)]
    [AllowEmptyString]
    public string InputObject { get; set; } = "";

    /// <summary>The node that the output comes from; where it is not given, prompts and headings in the text tell it.</summary>
    [Parameter]
    public string? Node { get; set; }

    /// <summary>The map that the output of CiliumMapGet or CiliumMapEvents is of; the text does not tell.</summary>
    [Parameter]
    public string? MapName { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == "Path")
        {
            foreach (var path in Path)
                StartFiles(path);
            return;
        }

        if (_piped is null)
        {
            _piped = new PipedText();
            Start((output, cancellationToken) => ConvertPipedAsync(_piped, output, cancellationToken));
        }

        while (!_piped.TryAdd(InputObject) && !Stopping)
        {
            DrainAvailable();
            _piped.WaitForRoom(TimeSpan.FromMilliseconds(20));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        _piped?.Complete();
        base.EndProcessing();
    }

    private void StartFiles(string path)
    {
        IEnumerable<string> files;
        try
        {
            files = GetResolvedProviderPathFromPSPath(path, out var provider);
            if (provider.Name != "FileSystem")
                throw new ItemNotFoundException();
        }
        catch (Exception error) when (error is ItemNotFoundException or System.Management.Automation.DriveNotFoundException or ProviderNotFoundException)
        {
            WriteError(LabErrors.ToRecord(new LabException(
                "OutputFileNotFound", LabErrorKind.ObjectNotFound, $"There is no file '{path}'.", path, "Check the path.", error)));
            return;
        }

        foreach (var file in files)
        {
            Start(async (output, _) =>
            {
                using var text = Open(file);
                await ConvertAsync(text, output).ConfigureAwait(false);
            });
        }
    }

    private static StreamReader Open(string file)
    {
        if (Directory.Exists(file))
        {
            throw new LabException(
                "OutputFileIsFolder", LabErrorKind.InvalidArgument, $"'{file}' is a folder.", file, $"Name its files: {System.IO.Path.Combine(file, "*")}");
        }

        try
        {
            return new StreamReader(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LabException(
                "OutputFileUnreadable", LabErrorKind.InvalidOperation, $"'{file}' cannot be read: {error.Message}", file, "Check the file and its permissions.", error);
        }
    }

    private async Task ConvertPipedAsync(PipedText piped, WorkOutput output, CancellationToken cancellationToken)
    {
        try
        {
            await ConvertAsync(piped.Reader(cancellationToken), output).ConfigureAwait(false);
        }
        finally
        {
            piped.Abandon();
        }
    }

    private async Task ConvertAsync(TextReader text, WorkOutput output)
    {
        var parse = LabOutputKinds.Parser(Kind, MapName);
        foreach (var section in TerminalText.Sections(text))
        {
            var records = parse(
                section.Text, Node ?? section.Node, warning => output.WarningAsync(warning.ToString()).AsTask().GetAwaiter().GetResult());
            foreach (var record in records)
                await output.WriteAsync(record).ConfigureAwait(false);
        }
    }
}
