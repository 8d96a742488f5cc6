using System.Globalization;
using System.Text;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>What busybox 1.37 of Alpine asks of the kernel for its simplest programs.</summary>
/// <param name="process">The process.</param>
/// <param name="container">Where it runs.</param>
internal sealed class BusyboxSystemCalls(TracedProcess process, ContainerContext container)
{
    // What is copied from a file in one call.
    private const int Piece = 16_777_216;

    private readonly MuslProgram _program = new(process);

    /// <summary>The program begins.</summary>
    public void Started(IReadOnlyList<string> arguments)
    {
        _program.Start("/bin/" + arguments[0][(arguments[0].LastIndexOf('/') + 1)..], arguments, 12 + container.Spec.Objects("env").Count(), []);
        process.Call("getuid", []);
    }

    /// <summary>A file was copied to standard output, or was not there.</summary>
    public void Copied(string path, byte[]? content)
    {
        if (content is null)
        {
            _program.Missing(path);
            Wrote($"cat: can't open '{path}': No such file or directory\n", isError: true);
            return;
        }

        var file = _program.Open(path);
        process.Call("sendfile", [process.Descriptor(1), file, "NULL", Piece], content.Length, bytes: content.Length);
        process.Call("sendfile", [process.Descriptor(1), file, "NULL", Piece], 0);
        process.Close(file.Number);
    }

    /// <summary>Writes to one of its streams.</summary>
    public void Wrote(string text, bool isError = false)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        process.Call("write", [process.Descriptor(isError ? 2 : 1), CallValue.Bytes(bytes), bytes.Length], bytes.Length, bytes: bytes.Length);
    }

    /// <summary>Sleeps by the lab's clock.</summary>
    public Task SleepAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        var span = string.Create(CultureInfo.InvariantCulture, $"{{tv_sec={(long)time.TotalSeconds}, tv_nsec={time.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick}}}");
        return process.SleepAsync("nanosleep", [span], time, arguments => ([.. arguments, process.OnStack(0x1d10)], 0), cancellationToken);
    }

    /// <summary>Ends.</summary>
    public void Ended(int code) => _program.End(code);
}
