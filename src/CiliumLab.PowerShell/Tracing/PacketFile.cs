using CiliumLab.Model;

namespace CiliumLab.PowerShell.Tracing;

/// <summary>A file that keeps a capture while it is made. It is made with the capture's first byte, so that one that fails leaves none.</summary>
internal sealed class PacketFile : IAsyncDisposable
{
    private readonly string _path;
    private readonly bool _force;
    private FileStream? _stream;

    /// <summary>Names the file.</summary>
    /// <exception cref="LabException"><c>CaptureFileExists</c>, unless it may be overwritten.</exception>
    public PacketFile(string path, bool force)
    {
        (_path, _force) = (path, force);
        if (!force && File.Exists(path))
            throw Exists();
    }

    /// <summary>Keeps a piece of the capture.</summary>
    /// <exception cref="LabException"><c>CaptureFileExists</c>, or <c>CaptureFileUnwritable</c>.</exception>
    public void Write(ReadOnlyMemory<byte> bytes) => (_stream ??= Open()).Write(bytes.Span);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream?.DisposeAsync() ?? ValueTask.CompletedTask;

    private FileStream Open()
    {
        try
        {
            return new FileStream(_path, _force ? FileMode.Create : FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        }
        catch (IOException) when (!_force && File.Exists(_path))
        {
            throw Exists();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LabException("CaptureFileUnwritable", LabErrorKind.InvalidOperation, $"'{_path}' cannot be written: {error.Message}", _path, "Name a file in a folder that exists and that you may write to.", error);
        }
    }

    private LabException Exists() =>
        new("CaptureFileExists", LabErrorKind.ResourceExists, $"'{_path}' exists already.", _path, "Name another file, or overwrite it with -Force.");
}
