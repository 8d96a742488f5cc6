using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CiliumLab.Engine.Labs;

namespace CiliumLab.Simulator.Detached;

/// <summary>Where a detached lab's process is, written into the lab's folder, which only its owner can open.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Socket">The socket that it listens at. Only a connection tells whether it still does: both outlive a process that was killed.</param>
internal sealed record LabHostFile(int Pid, string Socket)
{
    private const string FileName = "host.json";
    private const string SocketName = "host.sock";
    private const string LockName = "host.lock";

    // sockaddr_un holds 104 bytes on macOS and 108 elsewhere.
    private const int LongestSocket = 100;

    /// <summary>Chooses the socket: in the lab's folder, or, where that has too long a name, in a private folder that is made for it.</summary>
    public static LabHostFile Choose(string folder)
    {
        var socket = Path.Combine(folder, SocketName);
        return new LabHostFile(
            Environment.ProcessId,
            Encoding.UTF8.GetByteCount(socket) <= LongestSocket ? socket : Path.Combine(Directory.CreateTempSubdirectory("ciliumlab-").FullName, SocketName));
    }

    /// <summary>Reads where it is; null when there is none.</summary>
    public static LabHostFile? Read(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize<LabHostFile>(File.ReadAllBytes(Path.Combine(folder, FileName)));
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Deletes what a process left, itself or because it was killed.</summary>
    public static void Clear(string folder)
    {
        if (Read(folder) is not { } left)
            return;
        if (Path.GetDirectoryName(left.Socket) is { } place && place != folder && Directory.Exists(place))
            Directory.Delete(place, recursive: true);
        else
            File.Delete(left.Socket);
        File.Delete(Path.Combine(folder, FileName));
    }

    /// <summary>The right to be the lab's process, which ends with the process that holds it; null when another one has it.</summary>
    public static FileStream? Claim(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            return null;
        }
    }

    /// <summary>Writes it down.</summary>
    public void Write(string folder) => PrivateFile.Write(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this));

    /// <summary>The process; null when it has ended. Ask only while it answers: its number may be another's later.</summary>
    public Process? Process()
    {
        try
        {
            return System.Diagnostics.Process.GetProcessById(Pid);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Connects to it; null when it does not listen.</summary>
    public async Task<Socket?> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch (Exception error)
        {
            socket.Dispose();
            if (error is SocketException)
                return null;
            throw;
        }
    }
}
